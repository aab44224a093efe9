/** `metrics.csv`: a row an epoch. Rates are fractions; numbers as JavaScript writes them, so none is rounded. */
import type { EpochMetrics } from '../protocol/run.ts';

const columns = [
  ['epoch', 'epoch'],
  ['train_loss', 'trainLoss'],
  ['train_top1', 'trainTop1'],
  ['val_loss', 'valLoss'],
  ['val_top1', 'valTop1'],
  ['val_top5', 'valTop5'],
  ['learning_rate', 'learningRate'],
  ['seconds', 'seconds'],
] as const satisfies readonly (readonly [string, keyof EpochMetrics])[];

export function metricsCsv(epochs: readonly EpochMetrics[]): string {
  const rows = epochs.map((metrics) => columns.map(([, key]) => String(metrics[key])));
  const lines = [columns.map(([title]) => title), ...rows].map((cells) => cells.join(','));
  return `${lines.join('\n')}\n`;
}
