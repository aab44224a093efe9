/**
 * Where the time of a run's training step goes, for pages whose address asks for it (`?profile`).
 * Measured when the run has ended, so that neither disturbs the other, and kept until the next one.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Profile } from '../protocol/profile.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { Run } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';

export class ProfileSession {
  readonly asked: boolean;
  working = $state(false);
  /** The run that was measured last, or is being measured. */
  runId = $state<string | null>(null);
  found = $state.raw<Profile | null>(null);
  error = $state.raw<ErrorData | null>(null);

  readonly #trainer: Caller<TrainerApi>;
  #cancel = new AbortController();

  constructor(trainer: Caller<TrainerApi>, asked: boolean) {
    this.#trainer = trainer;
    this.asked = asked;
  }

  async measure({ id, config, classes }: Run): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.runId = id;
    this.found = null;
    this.error = null;
    this.#cancel = new AbortController();
    const { backbone, imageSize, batchSize } = config;
    const task = { backbone, imageSize, batchSize, classes: classes.length };
    try {
      const { signal } = this.#cancel;
      this.found = await this.#trainer.call('train.profile', task, { signal });
    } catch (error) {
      const data = toErrorData(error);
      if (data.code === 'cancelled') this.runId = null;
      else this.error = data;
    } finally {
      this.working = false;
    }
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    this.#cancel.abort();
  }
}
