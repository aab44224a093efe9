/**
 * What the best weights of a run do on its validation set, and the photos behind the figures. Photos
 * are fetched a few at a time from the stored dataset and shown by object URLs, which are released
 * when the dialog or the gallery that asked for them goes away.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { ImportApi } from '../protocol/import-api.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { Evaluation, Prediction } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';

export interface ShownPhotos {
  /** By sample id. A photo that could not be had is missing here. */
  urls: ReadonlyMap<number, string>;
  error: ErrorData | null;
  release(): void;
}

const probabilityOf = (prediction: Prediction): number =>
  prediction.probabilities[prediction.predicted] ?? 0;

export class EvaluationSession {
  runId = $state<string | null>(null);
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

  readonly #trainer: Caller<TrainerApi>;
  readonly #importer: Caller<ImportApi>;

  constructor(trainer: Caller<TrainerApi>, importer: Caller<ImportApi>) {
    this.#trainer = trainer;
    this.#importer = importer;
  }

  /** Shows the evaluation of this run; asks the worker only when it is not the one in hand. */
  async open(runId: string | null): Promise<void> {
    if (runId === this.runId && (this.evaluation || this.loading)) return;
    this.runId = runId;
    this.evaluation = null;
    this.error = null;
    this.loading = runId !== null;
    if (runId === null) return;
    try {
      const evaluation = await this.#trainer.call('runs.evaluation', { id: runId });
      if (this.runId === runId) this.evaluation = evaluation;
    } catch (error) {
      if (this.runId === runId) this.error = toErrorData(error);
    } finally {
      if (this.runId === runId) this.loading = false;
    }
  }

  /** The validation photos of one class that were taken for another (or for itself). */
  cell(label: number, predicted: number): Prediction[] {
    return (this.evaluation?.predictions ?? [])
      .filter((prediction) => prediction.label === label && prediction.predicted === predicted)
      .sort((a, b) => probabilityOf(b) - probabilityOf(a));
  }

  async photos(datasetId: string, predictions: readonly Prediction[]): Promise<ShownPhotos> {
    const urls = new Map<number, string>();
    const release = () => {
      for (const url of urls.values()) URL.revokeObjectURL(url);
      urls.clear();
    };
    try {
      const ids = predictions.map(({ sample }) => sample);
      const blobs = await this.#importer.call('datasets.photos', { id: datasetId, ids });
      blobs.forEach((blob, i) => {
        const id = ids[i];
        if (id !== undefined) urls.set(id, URL.createObjectURL(blob));
      });
      return { urls, error: null, release };
    } catch (error) {
      return { urls, error: toErrorData(error), release };
    }
  }
}
