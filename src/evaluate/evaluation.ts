/** Everything the page shows about the best weights, from their outputs on the validation set. */
import type { BestEpoch, Evaluation, Prediction } from '../protocol/run.ts';
import { classReport, confusionMatrix } from './confusion.ts';
import {
  argmax,
  crossEntropy,
  softmax,
  topFive,
  topKAccuracy,
  wilsonInterval,
  type Outputs,
} from './metrics.ts';

export interface ValidationMetrics {
  valLoss: number;
  valTop1: number;
  valTop5: number;
}

export function validationMetrics(outputs: Outputs): ValidationMetrics {
  return {
    valLoss: crossEntropy(outputs),
    valTop1: topKAccuracy(outputs, 1),
    valTop5: topKAccuracy(outputs, topFive(outputs.classes)),
  };
}

/** `count` photos stand behind the rates of `metrics`. */
export function bestEpoch(epoch: number, metrics: ValidationMetrics, count: number): BestEpoch {
  const { valTop1, valTop5 } = metrics;
  return { epoch, valTop1, valTop5, interval: intervalOf(valTop1, count) };
}

export function evaluate(
  runId: string,
  outputs: Outputs,
  pathOf: (sampleId: number) => string,
): Evaluation {
  const { ids, labels, logits, classes } = outputs;
  const predictions = ids.map((sample, n): Prediction => {
    const row = logits.subarray(n * classes, (n + 1) * classes); // [C]
    return {
      sample,
      path: pathOf(sample),
      label: labels[n] ?? 0,
      predicted: argmax(row),
      probabilities: softmax(row),
    };
  });
  const confusion = confusionMatrix(predictions, classes);
  const { valLoss, valTop1, valTop5 } = validationMetrics(outputs);
  return {
    runId,
    split: 'val',
    count: ids.length,
    loss: valLoss,
    top1: valTop1,
    top5: valTop5,
    interval: intervalOf(valTop1, ids.length),
    top5Interval: intervalOf(valTop5, ids.length),
    confusion,
    perClass: classReport(confusion),
    predictions,
  };
}

function intervalOf(rate: number, count: number): [number, number] {
  return wilsonInterval(Math.round(rate * count), count);
}
