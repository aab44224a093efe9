/** What the best weights of a run do on its validation set, photo by photo. */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { Evaluation, Prediction, Run } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';

const probabilityOf = (prediction: Prediction): number =>
  prediction.probabilities[prediction.predicted] ?? 0;

export class EvaluationSession {
  evaluation = $state.raw<Evaluation | null>(null);
  loading = $state(false);
  error = $state.raw<ErrorData | null>(null);
  /** The wrong ones, the surest first. */
  mistakes = $derived<Prediction[]>(
    (this.evaluation?.predictions ?? [])
      .filter(({ label, predicted }) => label !== predicted)
      .sort((a, b) => probabilityOf(b) - probabilityOf(a)),
  );
  right = $derived(
    (this.evaluation?.confusion ?? []).reduce((sum, row, label) => sum + (row[label] ?? 0), 0),
  );

  /** The run in hand, and how far it had come: one that goes on is evaluated again. */
  #key: string | null = null;
  readonly #trainer: Caller<TrainerApi>;

  constructor(trainer: Caller<TrainerApi>) {
    this.#trainer = trainer;
  }

  /** Shows the evaluation of this run; asks the worker only when it is not the one in hand. */
  async open(run: Run | null): Promise<void> {
    const key = run && `${run.id} ${run.status} ${run.epochs.length}`;
    if (key === this.#key && !this.error) return;
    this.#key = key;
    this.evaluation = null;
    this.error = null;
    this.loading = run !== null;
    if (run === null) return;
    try {
      const evaluation = await this.#trainer.call('runs.evaluation', { id: run.id });
      if (this.#key === key) this.evaluation = evaluation;
    } catch (error) {
      if (this.#key === key) this.error = toErrorData(error);
    } finally {
      if (this.#key === key) this.loading = false;
    }
  }

  /** The validation photos of one class that were taken for another (or for itself). */
  cell(label: number, predicted: number): Prediction[] {
    return (this.evaluation?.predictions ?? [])
      .filter((prediction) => prediction.label === label && prediction.predicted === predicted)
      .sort((a, b) => probabilityOf(b) - probabilityOf(a));
  }
}
