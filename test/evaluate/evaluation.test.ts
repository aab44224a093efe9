import { describe, expect, it } from 'vitest';
import { bestEpoch, evaluate, validationMetrics } from '../../src/evaluate/evaluation.ts';
import { wilsonInterval } from '../../src/evaluate/metrics.ts';

// Six classes, so that the top five can miss; photo 7 is right, photo 9 has its class ranked last.
const outputs = {
  ids: [7, 9],
  labels: Int32Array.of(1, 5),
  logits: Float32Array.of(0, 9, 1, 1, 1, 1, 6, 5, 4, 3, 2, 1),
  classes: 6,
};

describe('evaluate', () => {
  const evaluation = evaluate('run', outputs, (id) => `val/${id}.jpg`);

  it('tells each photo by its path, with probabilities that sum to one', () => {
    expect(evaluation.predictions.map((p) => [p.sample, p.path, p.label, p.predicted])).toEqual([
      [7, 'val/7.jpg', 1, 1],
      [9, 'val/9.jpg', 5, 0],
    ]);
    for (const { probabilities } of evaluation.predictions) {
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  it('counts over photos', () => {
    expect(evaluation).toMatchObject({ count: 2, top1: 0.5, top5: 0.5, split: 'val' });
    expect(evaluation.interval).toEqual(wilsonInterval(1, 2));
    expect(evaluation.confusion[5]).toEqual([1, 0, 0, 0, 0, 0]);
    expect(evaluation.perClass[1]).toEqual({ precision: 1, recall: 1, f1: 1, support: 1 });
  });

  it('agrees with the metrics of the epoch', () => {
    const metrics = validationMetrics(outputs);
    expect(bestEpoch(3, metrics, 2)).toEqual({
      epoch: 3,
      valTop1: evaluation.top1,
      valTop5: evaluation.top5,
      interval: evaluation.interval,
    });
    expect(metrics.valLoss).toBe(evaluation.loss);
  });

  it('counts the top C where there are fewer than five classes', () => {
    const two = { ...outputs, classes: 2, ids: [1], labels: Int32Array.of(1) };
    expect(validationMetrics({ ...two, logits: Float32Array.of(1, 0) }).valTop5).toBe(1);
  });
});
