/**
 * Confusion matrix and per-class report, as scikit-learn's confusion_matrix (rows true, columns
 * predicted) and precision_recall_fscore_support, but null instead of 0 where nothing was divided.
 */
import type { ClassReport } from '../protocol/run.ts';

export function confusionMatrix(
  pairs: readonly { label: number; predicted: number }[],
  classes: number,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, predicted } of pairs) {
    const row = matrix[label];
    if (row) row[predicted] = (row[predicted] ?? 0) + 1;
  }
  return matrix;
}

export function classReport(confusion: readonly (readonly number[])[]): ClassReport[] {
  return confusion.map((row, c) => {
    const hits = row[c] ?? 0;
    const support = sum(row);
    const claimed = sum(confusion.map((other) => other[c] ?? 0));
    return {
      precision: ratio(hits, claimed),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, claimed + support), // = 2PR / (P + R)
      support,
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
