/** Batch norm's gradient on a GPU, with every mask and number of targets, against the portable op. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { activate, activationGradient } from '../../../src/ops/activation/activation.ts';
import { batchNormTrain, batchNormTrainGradient } from '../../../src/ops/batch_norm/batch-norm.ts';
import {
  finalizeGradient,
  partialCount,
  type PartialCount,
} from '../../../src/ops/batch_norm/gradient.wgsl.ts';
import { runningCoefficients } from '../../../src/ops/batch_norm/statistics.wgsl.ts';
import type { Chunks } from '../../../src/ops/gpu/chunks.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { isIdle, type Sink } from '../../../src/ops/gpu/sink.ts';
import type { Activation } from '../../../src/ops/kernels.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import { backward } from '../../support/batch-norm-backward-on-gpu.ts';
import { normalize, trainedOn, type Shape4 } from '../../support/batch-norm-on-gpu.ts';
import { useBackend } from '../../support/backends.ts';
import { relativeError, valuesOf } from '../../support/gpu-maps.ts';
import { roundedToHalf } from '../../support/half-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;

type Trained = ReturnType<typeof trainedOn>;

/** The portable op's own y. */
async function portableForward(z: Float32Array, size: Shape4, trained: Trained) {
  return valuesOf(tf.tidy(() => forward(z, size, trained, 'linear').y));
}

function forward(z: Float32Array, size: Shape4, trained: Trained, activation: Activation) {
  const { weight, bias, mean, variance, eps, momentum } = trained;
  return batchNormTrain(
    tf.tensor4d(z, size),
    { weight: tf.tensor1d(weight), bias: tf.tensor1d(bias) },
    { mean: tf.tensor1d(mean), variance: tf.tensor1d(variance) },
    { eps, momentum, activation },
  );
}

/** g: the gradient behind the activation's mask. */
async function portableGradient(
  g: Float32Array,
  z: Float32Array,
  size: Shape4,
  trained: Trained,
  activation: Activation = 'linear',
) {
  const [dx, dWeight, dBias] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Tensor] => {
    const { y, stats } = forward(z, size, trained, activation);
    const saved = { x: tf.tensor4d(z, size), y, stats };
    const back = batchNormTrainGradient(
      tf.tensor4d(g, size),
      saved,
      tf.tensor1d(trained.weight),
      activation,
    );
    return [back.dx, back.dWeight, back.dBias];
  });
  return {
    dx: await valuesOf(dx),
    dWeight: await valuesOf(dWeight),
    dBias: await valuesOf(dBias),
  };
}

function expectSame(
  found: { dz: Float32Array; dWeight: Float32Array; dBias: Float32Array } | undefined,
  expected: { dx: Float32Array; dWeight: Float32Array; dBias: Float32Array },
  toleranceOfMaps = tolerance,
): void {
  expect(relativeError(found?.dz ?? [], expected.dx), 'dz').toBeLessThan(toleranceOfMaps);
  expect(relativeError(found?.dWeight ?? [], expected.dWeight), 'dWeight').toBeLessThan(tolerance);
  expect(relativeError(found?.dBias ?? [], expected.dBias), 'dBias').toBeLessThan(tolerance);
}

const shapes: Shape4[] = [
  [2, 5, 7, 6],
  [5, 1, 1, 3],
  [5, 7, 7, 16],
];
const activations = ['linear', 'relu', 'relu6'] as const;
const cuts = [
  { kind: 'count', count: 3 },
  { kind: 'count', count: 80 },
  { kind: 'tiles', size: 16 },
] as const;

describe.skipIf(noGpu)('batch norm gradients on a GPU', () => {
  describe.each(shapes)('[%i, %i, %i, %i]', (...size) => {
    const rowsPerImage = size[1] * size[2];
    const dy = seeded('dy', size);
    const z = seeded('x', size, 1, 3);

    it.each(activations)('through %s, seen from the normalized map', async (activation) => {
      const trained = trainedOn(size[3], activation);
      const expected = await portableGradient(dy, z, size, trained, activation);
      for (const [i, cut] of cuts.entries()) {
        const chunks: Chunks = { ...cut, rowsPerImage };
        const { coef } = await normalize(z, size, { chunks, barriers: true, trained });
        const sink: Sink = { mask: { kind: 'normalized', activation }, targets: 1 };
        const choice = { barriers: i > 0, inPlace: i > 1 };
        const targets = [{ z, coef }];
        const { results } = await backward({ sink, size, chunks, dy, targets, ...choice });
        expectSame(results[0], expected);
      }
    });

    it.each(activations)(
      'of two maps through %s, seen from their stored sum',
      async (activation) => {
        const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage };
        const other = seeded('other', size, 2, -1);
        const trained = [trainedOn(size[3], activation), trainedOn(size[3])] as const;
        const [a, b] = [
          await portableForward(z, size, trained[0]),
          await portableForward(other, size, trained[1]),
        ];
        const sum = a.map((value, i) => value + (b[i] ?? NaN));
        const y = await valuesOf(tf.tidy(() => activate(tf.tensor4d(sum, size), activation)));
        const g = await valuesOf(
          tf.tidy(() =>
            activationGradient(tf.tensor4d(dy, size), tf.tensor4d(y, size), activation),
          ),
        );
        const options = { chunks, barriers: true };
        const targets = [
          { z, coef: (await normalize(z, size, { ...options, trained: trained[0] })).coef },
          {
            z: other,
            coef: (await normalize(other, size, { ...options, trained: trained[1] })).coef,
          },
        ];
        const sink: Sink = { mask: { kind: 'value', activation }, targets: 2 };
        const found = await backward({ sink, size, chunks, dy, y, targets });
        expect(relativeError(found.g, g)).toBe(0);
        expectSame(found.results[0], await portableGradient(g, z, size, trained[0]));
        expectSame(found.results[1], await portableGradient(g, other, size, trained[1]));
        // The same sums for the one map alone, whose gradient had its mask before.
        const once: Sink = { mask: { kind: 'none' }, targets: 1 };
        const again = await backward({
          sink: once,
          size,
          chunks,
          dy: g,
          targets: targets.slice(0, 1),
        });
        expectSame(again.results[0], await portableGradient(g, z, size, trained[0]));
      },
    );

    it.each(['relu', 'relu6'] as const)(
      'masks for %s with nothing to sum for',
      async (activation) => {
        const sink: Sink = { mask: { kind: 'value', activation }, targets: 0 };
        expect(isIdle(sink)).toBe(false);
        // Both bounds are closed, and met.
        const y = seeded('y', size, 8).map((v) => Math.min(6, Math.max(0, v)));
        expect(y.some((v) => v === 6) && y.some((v) => v === 0)).toBe(true);
        const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage };
        const { g } = await backward({ sink, size, chunks, dy, y, targets: [] });
        const open = (v: number) => v > 0 && (activation === 'relu' || v < 6);
        expect(g).toEqual(dy.map((v, i) => (open(y[i] ?? NaN) ? v : 0)));
      },
    );

    it('with constants for statistics', async () => {
      const channels = size[3];
      const { weight, bias, mean, variance, eps } = trainedOn(channels);
      const running = { weight, bias, runningMean: mean, runningVariance: variance };
      const coef = (
        await run(
          runningCoefficients({ channels, eps }),
          { ...running, coef: padded(channels) * 4 },
          1,
        )
      )('coef');
      const sink: Sink = { mask: { kind: 'none' }, targets: 1 };
      const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage };
      const { results } = await backward({
        sink,
        size,
        chunks,
        dy,
        targets: [{ z, coef }],
        statistics: 'running',
      });
      const invStd = variance.map((v) => 1 / Math.sqrt(v + eps));
      const of = (values: Float32Array, i: number) => values[i % channels] ?? NaN;
      const dWeight = new Float32Array(channels);
      const dBias = new Float32Array(channels);
      dy.forEach((g, i) => {
        const c = i % channels;
        dBias[c] = (dBias[c] ?? NaN) + g;
        dWeight[c] = (dWeight[c] ?? NaN) + g * ((z[i] ?? NaN) - of(mean, i)) * of(invStd, i);
      });
      const dx = dy.map((g, i) => g * of(weight, i) * of(invStd, i));
      expectSame(results[0], { dx, dWeight, dBias });
    });
  });

  it.each([false, true])('of two maps in half precision, in place %s', async (inPlace) => {
    const size: Shape4 = [2, 5, 7, 6];
    const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage: 35 };
    const storage = 'f16';
    const [dy, y] = [roundedToHalf(seeded('dy', size)), roundedToHalf(seeded('y', size))];
    const maps = [seeded('x', size, 1, 3), seeded('other', size, 2, -1)].map(roundedToHalf);
    const trained = trainedOn(6);
    const g = dy.map((value, i) => ((y[i] ?? NaN) > 0 ? value : 0));
    const options = { chunks, barriers: true, trained, storage } as const;
    const targets = [];
    for (const z of maps) targets.push({ z, coef: (await normalize(z, size, options)).coef });
    const sink: Sink = { mask: { kind: 'value', activation: 'relu' }, targets: 2, storage };
    const found = await backward({ sink, size, chunks, dy, y, targets, inPlace });
    expect(found.g).toEqual(g);
    for (const [i, z] of maps.entries()) {
      expectSame(found.results[i], await portableGradient(g, z, size, trained), 2e-3);
    }
    const own: Sink = { mask: { kind: 'normalized', activation: 'relu' }, targets: 1, storage };
    const [target] = targets;
    if (target === undefined) throw new Error('no target');
    const one = await backward({ sink: own, size, chunks, dy, targets: [target], inPlace });
    const expected = await portableGradient(dy, target.z, size, trained, 'relu');
    expectSame(one.results[0], expected, 2e-3);
  });

  it.each(cuts)('of a smaller batch than planned, $kind $count $size', async (cut) => {
    const size: Shape4 = [2, 7, 3, 6];
    const chunks: Chunks = { ...cut, rowsPerImage: 21 };
    const z = seeded('x', size, 1, 3);
    const dy = seeded('dy', size);
    const trained = trainedOn(6, 'relu6');
    const plannedBatch = 5;
    const { coef } = await normalize(z, size, { chunks, barriers: true, plannedBatch, trained });
    const sink: Sink = { mask: { kind: 'normalized', activation: 'relu6' }, targets: 1 };
    const targets = [{ z, coef }];
    const { results } = await backward({ sink, size, chunks, dy, targets, plannedBatch });
    expectSame(results[0], await portableGradient(dy, z, size, trained, 'relu6'));
  });

  it('merges the partial results of kernels that work in classes', async () => {
    // Two images of 5 rows in tiles of 4 make 3 tiles in each of 4 classes.
    const parts: PartialCount = { kind: 'classes', classes: 4, size: 4, rowsPerImage: 5 };
    expect([partialCount(parts, 2), partialCount(parts, 7)]).toEqual([12, 36]);
    const sink: Sink = { mask: { kind: 'none' }, targets: 2 };
    const partials = seeded('partials', [36, 2, 3, 4]);
    for (const barriers of [false, true]) {
      for (const target of [0, 1]) {
        const found = await run(
          finalizeGradient({
            batch: 7,
            channels: 8,
            rowsPerImage: 20,
            parts,
            sink,
            target,
            barriers,
            statistics: 'batch',
          }),
          { partials, coef: seeded('coef', [4, 8]), dWeight: 8, dBias: 8, back: 32 },
          2,
        );
        const sum = (c: number, vector: number) =>
          Array.from({ length: 12 }, (_, chunk) => chunk).reduce(
            (all, chunk) =>
              all + (partials[((chunk * 2 + (c >> 2)) * 3 + vector) * 4 + (c & 3)] ?? NaN),
            0,
          );
        const channels = Array.from({ length: 8 }, (_, c) => c);
        const dWeight = channels.map((c) => sum(c, 1 + target));
        expect(relativeError(found('dWeight'), dWeight)).toBeLessThan(tolerance);
        const dBias = channels.map((c) => sum(c, 0));
        expect(relativeError(found('dBias'), dBias)).toBeLessThan(tolerance);
      }
    }
  });

  it.each(goldens.batchNorm)('PyTorch, $x $activation', async (golden) => {
    const size = golden.x as Shape4;
    const activation = golden.activation as Activation;
    const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage: size[1] * size[2] };
    const z = seeded('x', size, 1, 3);
    const trained = trainedOn(size[3], activation);
    const { coef } = await normalize(z, size, { chunks, barriers: true, trained });
    const sink: Sink = { mask: { kind: 'normalized', activation }, targets: 1 };
    const dy = seeded('dy', size);
    const { results } = await backward({ sink, size, chunks, dy, targets: [{ z, coef }] });
    expect(results[0]?.dz).toMatchGolden(golden.dx, 1e-5);
    expect(results[0]?.dWeight).toMatchGolden(golden.dWeight, 1e-5);
    expect(results[0]?.dBias).toMatchGolden(golden.dBias, 1e-5);
  });
});
