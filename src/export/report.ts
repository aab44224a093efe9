/** `report.json`: a run in the shape that scripts rely on (`protocol/report.ts`). */
import type { Dataset } from '../protocol/dataset.ts';
import { AppError } from '../protocol/errors.ts';
import type { Report } from '../protocol/report.ts';
import type { Evaluation, Run } from '../protocol/run.ts';

export function buildReport(
  run: Run,
  evaluation: Evaluation,
  dataset: Dataset,
  exportMs: number,
  files: readonly string[],
): Report {
  const { config, device, best, timings } = run;
  if (best === null) throw new AppError('checkpoint-not-found', { id: run.id });
  const { importMs } = dataset;
  const { prepareMs, trainMs, evaluateMs } = timings;
  return {
    config,
    device: { backend: device.backend, adapter: device.adapter },
    dataset: { classes: run.classes, counts: dataset.counts, skipped: dataset.skipped },
    epochs: run.epochs.map(({ epoch, trainLoss, trainTop1, valLoss, valTop1, seconds }) => ({
      epoch,
      trainLoss,
      trainTop1,
      valLoss,
      valTop1,
      seconds,
    })),
    best: {
      epoch: best.epoch,
      valTop1: best.valTop1,
      valTop5: best.valTop5,
      interval: best.interval,
    },
    confusion: evaluation.confusion,
    predictions: evaluation.predictions.map(({ path, label, predicted, probabilities }) => ({
      path,
      label,
      predicted,
      probabilities,
    })),
    timings: {
      importMs,
      prepareMs,
      trainMs,
      evaluateMs,
      exportMs,
      totalMs: importMs + prepareMs + trainMs + evaluateMs + exportMs,
    },
    gpu: run.gpu,
    files: [...files],
  };
}
