/**
 * The stored runs: what was trained in this browser, newest first, and which of them the person is
 * looking at. The choice outlives a reload.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { BestEpoch, Run } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { recall, remember } from './remember.ts';

/** Whether there are weights to evaluate, try and download: kept from the first epoch on. */
export const hasWeights = (run: Run | null): run is Run & { best: BestEpoch } =>
  run !== null && run.best !== null && run.status !== 'running';

export class RunsSession {
  list = $state.raw<Run[]>([]);
  loaded = $state(false);
  error = $state.raw<ErrorData | null>(null);
  #selectedId = $state<string | null>(null);
  selected = $derived<Run | null>(this.list.find(({ id }) => id === this.#selectedId) ?? null);

  readonly #trainer: Caller<TrainerApi>;

  constructor(trainer: Caller<TrainerApi>) {
    this.#trainer = trainer;
    this.#selectedId = recall('run');
  }

  async load(): Promise<void> {
    try {
      const runs = await this.#trainer.call('runs.list', null);
      this.list = runs.sort((a, b) => b.createdAt - a.createdAt);
      this.error = null;
      if (!this.selected) this.select(this.list.find(hasWeights)?.id ?? this.list[0]?.id ?? null);
    } catch (error) {
      this.error = toErrorData(error);
    } finally {
      this.loaded = true;
    }
  }

  select(id: string | null): void {
    this.#selectedId = id;
    remember('run', id);
  }

  /** A run that has begun or changed: in the list at once, without asking the worker for all. */
  put(run: Run): void {
    this.list = [run, ...this.list.filter(({ id }) => id !== run.id)].sort(
      (a, b) => b.createdAt - a.createdAt,
    );
  }

  async delete(id: string): Promise<void> {
    try {
      await this.#trainer.call('runs.delete', { id });
      this.list = this.list.filter((run) => run.id !== id);
      this.error = null;
      if (this.#selectedId === id) {
        this.select(this.list.find(hasWeights)?.id ?? this.list[0]?.id ?? null);
      }
    } catch (error) {
      this.error = toErrorData(error);
    }
  }
}
