/**
 * Classification metrics on logits, counted over images. Definitions as in scikit-learn
 * (accuracy_score, top_k_accuracy_score, log_loss); the interval is Wilson's score interval
 * (E. B. Wilson, 1927), which stays inside 0-1 and is honest for small samples and rates near 1.
 */

/** What the network said about some photos. */
export interface Outputs {
  ids: number[]; // Sample.id
  labels: Int32Array; // [N]
  logits: Float32Array; // [N, C]
  classes: number; // C
}

/** How many classes are counted as "in the top five". */
export function topFive(classes: number): number {
  return Math.min(5, classes);
}

/** The share of photos whose class is among the `k` highest logits. */
export function topKAccuracy({ labels, logits, classes }: Outputs, k: number): number {
  let hits = 0;
  for (const [n, label] of labels.entries()) {
    if (rankOf(logits.subarray(n * classes, (n + 1) * classes), label) < k) hits++;
  }
  return labels.length === 0 ? 0 : hits / labels.length;
}

/** Mean cross-entropy, natural logarithm. */
export function crossEntropy({ labels, logits, classes }: Outputs): number {
  let sum = 0;
  for (const [n, label] of labels.entries()) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const max = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let total = 0;
    for (const logit of row) total += Math.exp(logit - max);
    sum += max + Math.log(total) - (row[label] ?? Number.NaN);
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}

export function softmax(logits: ArrayLike<number>): number[] {
  const row = Array.from(logits);
  const max = Math.max(...row);
  const exps = row.map((logit) => Math.exp(logit - max));
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / total);
}

/** The first of the highest. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (Number(values[i]) > Number(values[best])) best = i;
  }
  return best;
}

/** 95 % interval of a rate seen as `hits` of `count`. */
export function wilsonInterval(hits: number, count: number): [number, number] {
  if (count === 0) return [0, 1];
  const z = 1.959963984540054; // 97.5 % quantile of the standard normal
  const rate = hits / count;
  const scale = 1 + (z * z) / count;
  const centre = (rate + (z * z) / (2 * count)) / scale;
  const half = (z * Math.sqrt((rate * (1 - rate)) / count + (z * z) / (4 * count * count))) / scale;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** 0 for the highest; of equal ones the first ranks higher; NaN ranks last. */
function rankOf(row: Float32Array, label: number): number {
  const own = row[label] ?? Number.NaN;
  let rank = 0;
  for (const [c, logit] of row.entries()) {
    if (c < label && !(logit < own)) rank++;
    if (c > label && !(logit <= own)) rank++;
  }
  return rank;
}
