/**
 * "Try it": photos that the person drops, each with what a run's best weights say. They go one by
 * one, in the order dropped; another run takes another look at the photos that are there.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { TrainerApi, TriedPhoto } from '../protocol/trainer-api.ts';

export interface Trial {
  id: number;
  name: string;
  file: File;
  url: string;
  outcome:
    | { state: 'waiting' }
    | { state: 'done'; result: TriedPhoto }
    | { state: 'failed'; error: ErrorData };
}

export class TrialSession {
  trials = $state.raw<Trial[]>([]);
  busy = $state(false);

  #runId: string | null = null;
  #lastId = 0;
  readonly #trainer: Caller<TrainerApi>;

  constructor(trainer: Caller<TrainerApi>) {
    this.#trainer = trainer;
  }

  /** From now on with the weights of this run. */
  async use(runId: string | null): Promise<void> {
    if (runId === this.#runId) return;
    this.#runId = runId;
    this.trials = this.trials.map((trial) => ({ ...trial, outcome: { state: 'waiting' } }));
    await this.#work();
  }

  async add(files: Iterable<File>): Promise<void> {
    const added = [...files].map<Trial>((file) => ({
      id: ++this.#lastId,
      name: file.name,
      file,
      url: URL.createObjectURL(file),
      outcome: { state: 'waiting' },
    }));
    this.trials = [...added, ...this.trials];
    await this.#work();
  }

  async retry(id: number): Promise<void> {
    this.#settle(id, { state: 'waiting' });
    await this.#work();
  }

  remove(id: number): void {
    const trial = this.trials.find((trial) => trial.id === id);
    if (trial) URL.revokeObjectURL(trial.url);
    this.trials = this.trials.filter((trial) => trial.id !== id);
  }

  clear(): void {
    for (const { url } of this.trials) URL.revokeObjectURL(url);
    this.trials = [];
  }

  async #work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (;;) {
        const runId = this.#runId;
        const next = this.trials.find(({ outcome }) => outcome.state === 'waiting');
        if (!next || runId === null) return;
        const outcome = await this.#predict(runId, next.file);
        // The run was changed while this one was under way: it is looked at again.
        if (runId === this.#runId) this.#settle(next.id, outcome);
      }
    } finally {
      this.busy = false;
    }
  }

  async #predict(runId: string, photo: File): Promise<Trial['outcome']> {
    try {
      const result = await this.#trainer.call('predict.photo', { runId, photo });
      return { state: 'done', result };
    } catch (error) {
      return { state: 'failed', error: toErrorData(error) };
    }
  }

  #settle(id: number, outcome: Trial['outcome']): void {
    this.trials = this.trials.map((trial) => (trial.id === id ? { ...trial, outcome } : trial));
  }
}
