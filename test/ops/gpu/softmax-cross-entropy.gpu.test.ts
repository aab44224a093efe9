/** The GPU's cross-entropy against the portable op, PyTorch and doubles. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { padded } from '../../../src/ops/gpu/program.ts';
import { softmaxCrossEntropy } from '../../../src/ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import {
  crossEntropy,
  metricNames,
} from '../../../src/ops/softmax_cross_entropy/softmax-cross-entropy.wgsl.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import weightedGoldens from '../../golden/optimizers.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;

interface Rows {
  readonly classes: number;
  readonly logits: Float32Array; // [N, classes]
  readonly labels: readonly number[];
  readonly labelSmoothing?: number;
  readonly weights?: Float32Array;
  readonly before?: Float32Array; // metrics
  readonly lossScale?: number;
  readonly batch?: number;
}

async function lossOf(rows: Rows) {
  const { classes, logits, labels, labelSmoothing = 0, weights, lossScale = 1 } = rows;
  const { before = new Float32Array(metricNames.length), batch = labels.length } = rows;
  const found = await run(
    crossEntropy({ classes, labelSmoothing, classWeights: weights !== undefined }),
    {
      logits: pad(logits, classes),
      labels: new Uint32Array(labels),
      ...(weights ? { weights } : {}),
      dLogits: labels.length * padded(classes),
      metrics: before,
    },
    { batch, lossScale },
  );
  const metrics = found('metrics');
  const metric = (name: (typeof metricNames)[number]) => metrics[metricNames.indexOf(name)] ?? NaN;
  return { stored: found('dLogits'), dLogits: unpad(found('dLogits'), classes), metrics, metric };
}

const labelsOf = (count: number, classes: number) =>
  Array.from({ length: count }, (_, i) => (i * 7) % classes);

describe.skipIf(noGpu)('cross-entropy on a GPU', () => {
  it.each([
    [5, 3, 2],
    [1, 10, 3],
    [32, 4, 80],
    [130, 5, 5], // more rows than lanes
    [4, 101, 8],
  ])('[%i, %i], logits up to %i', async (count, classes, spread) => {
    const logits = seeded('logits', [count, classes], spread);
    const labels = labelsOf(count, classes);
    const [loss, dLogits, correct] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Tensor] => {
      const rows = tf.tensor2d(logits, [count, classes]);
      const result = softmaxCrossEntropy(rows, tf.tensor1d(labels, 'int32'));
      return [result.loss, result.dLogits, result.correct];
    });
    const found = await lossOf({ classes, logits, labels });
    expect(relativeError(found.dLogits, await valuesOf(dLogits))).toBeLessThan(tolerance);
    expect(relativeError([found.metric('stepLoss')], await valuesOf(loss))).toBeLessThan(tolerance);
    expect([found.metric('stepCorrect')]).toEqual([...(await valuesOf(correct))]);
    const behind = found.stored.filter((_, i) => i % padded(classes) >= classes);
    expect(behind.every((value) => value === 0)).toBe(true);
  });

  it('stands logits of ±80', async () => {
    const logits = new Float32Array([80, -80, 0, -80, 80, 80]);
    const { dLogits, metric } = await lossOf({ classes: 3, logits, labels: [1, 1] });
    expect(metric('stepLoss')).toBeCloseTo((160 + Math.log(2)) / 2, 4);
    const expected = [0.5, -0.5, 0, 0, -0.25, 0.25];
    expect(relativeError(dLogits, expected)).toBeLessThan(tolerance);
  });

  it('counts the first of equal maxima', async () => {
    const logits = new Float32Array([1, 2, 2, 1, 2, 2, 0, 0, 0]);
    const { metric } = await lossOf({ classes: 3, logits, labels: [1, 2, 0] });
    expect(metric('stepCorrect')).toBe(2);
  });

  it('adds the steps of an epoch up', async () => {
    const classes = 5;
    const first = { classes, logits: seeded('a', [9, 5], 3), labels: labelsOf(9, 5) };
    const second = { classes, logits: seeded('b', [4, 5], 3), labels: labelsOf(4, 5) };
    const one = await lossOf(first);
    const other = await lossOf(second);
    const both = await lossOf({ ...second, before: one.metrics });
    const sum = 9 * one.metric('stepLoss') + 4 * other.metric('stepLoss');
    expect(relativeError([both.metric('lossSum')], [sum])).toBeLessThan(tolerance);
    expect(both.metric('correct')).toBe(one.metric('stepCorrect') + other.metric('stepCorrect'));
    expect(both.metric('count')).toBe(13);
    expect(both.metric('stepLoss')).toBe(other.metric('stepLoss'));
  });

  it('takes a smaller batch, and scales the gradient alone', async () => {
    const classes = 3;
    const logits = seeded('logits', [5, 3], 2);
    const all = { classes, logits, labels: labelsOf(5, 3) };
    const two = { classes, logits: logits.subarray(0, 6), labels: labelsOf(2, 3) };
    const part = await lossOf({ ...all, batch: 2, lossScale: 8 });
    const alone = await lossOf(two);
    const scaled = alone.dLogits.map((value) => value * 8);
    expect(relativeError(part.dLogits.subarray(0, 6), scaled)).toBeLessThan(tolerance);
    expect(part.dLogits.subarray(6).every(Number.isNaN)).toBe(true);
    expect(part.metric('stepLoss')).toBe(alone.metric('stepLoss'));
  });

  it.each(goldens.crossEntropy)('PyTorch, [$count, $classes] up to $spread', async (golden) => {
    const { count, classes, spread } = golden;
    const logits = seeded('logits', [count, classes], spread);
    const found = await lossOf({ classes, logits, labels: labelsOf(count, classes) });
    expect(found.dLogits).toMatchGolden(golden.dLogits, tolerance);
    expect([found.metric('stepLoss')]).toMatchGolden([golden.loss], tolerance);
    expect(found.metric('stepCorrect')).toBe(golden.correct);
  });

  it.each(weightedGoldens.crossEntropy)(
    'PyTorch, [$count, $classes] up to $spread, smoothing $labelSmoothing, weighted $weighted',
    async (golden) => {
      const { count, classes, spread, labelSmoothing, weighted } = golden;
      const found = await lossOf({
        classes,
        logits: seeded('logits', [count, classes], spread),
        labels: labelsOf(count, classes),
        labelSmoothing,
        ...(weighted ? { weights: seeded('class-weights', [classes], 0.75, 1) } : {}),
      });
      expect(found.dLogits).toMatchGolden(golden.dLogits, tolerance);
      expect([found.metric('stepLoss')]).toMatchGolden([golden.loss], tolerance);
    },
  );
});
