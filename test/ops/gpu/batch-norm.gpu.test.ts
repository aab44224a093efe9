/** The GPU's batch norm, statistics and coefficients, against the portable op and PyTorch. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTrain } from '../../../src/ops/batch_norm/batch-norm.ts';
import { runningCoefficients } from '../../../src/ops/batch_norm/statistics.wgsl.ts';
import type { Chunks } from '../../../src/ops/gpu/chunks.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import type { Activation } from '../../../src/ops/kernels.ts';
import { normalize, trainedOn, type Shape4 } from '../../support/batch-norm-on-gpu.ts';
import { useBackend } from '../../support/backends.ts';
import { roundedToHalf } from '../../support/half-maps.ts';
import { relativeError, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const shapes: Shape4[] = [
  [2, 5, 7, 6],
  [5, 1, 1, 3],
  [1, 7, 7, 16],
  [5, 7, 7, 9],
];

const cuts = [
  { kind: 'count', count: 1 },
  { kind: 'count', count: 3 },
  { kind: 'count', count: 100 }, // more than there are rows for: some are empty
  { kind: 'tiles', size: 16 },
] as const;

async function portable(size: Shape4, values: Float32Array) {
  const { weight, bias, mean, variance, eps, momentum } = trainedOn(size[3]);
  const tensors = tf.tidy(() => {
    const forward = batchNormTrain(
      tf.tensor4d(values, size),
      { weight: tf.tensor1d(weight), bias: tf.tensor1d(bias) },
      { mean: tf.tensor1d(mean), variance: tf.tensor1d(variance) },
      { eps, momentum, activation: 'linear' },
    );
    const { stats, running } = forward;
    return {
      y: forward.y,
      mean: stats.mean,
      invStd: stats.invStd,
      runningMean: running.mean,
      runningVariance: running.variance,
    };
  });
  return {
    y: await valuesOf(tensors.y),
    mean: await valuesOf(tensors.mean),
    invStd: await valuesOf(tensors.invStd),
    runningMean: await valuesOf(tensors.runningMean),
    runningVariance: await valuesOf(tensors.runningVariance),
  };
}

describe.skipIf(noGpu)('batch norm statistics on a GPU', () => {
  describe.each(shapes)('[%i, %i, %i, %i]', (...size) => {
    const rowsPerImage = size[1] * size[2];
    const z = seeded('x', size, 1, 3);

    it.each(cuts)('of chunks of $kind $count $size', async (cut) => {
      const chunks: Chunks = { ...cut, rowsPerImage };
      const expected = await portable(size, z);
      for (const barriers of [false, true]) {
        const found = await normalize(z, size, { chunks, barriers });
        for (const name of ['mean', 'invStd', 'runningMean', 'runningVariance', 'y'] as const) {
          expect(relativeError(found[name], expected[name]), name).toBeLessThan(1e-5);
        }
      }
    });
  });

  it('of a map in half precision', async () => {
    const size: Shape4 = [5, 7, 7, 9];
    const z = roundedToHalf(seeded('x', size, 1, 3));
    const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage: 49 };
    const expected = await portable(size, z);
    const found = await normalize(z, size, { chunks, barriers: true, storage: 'f16' });
    // Only reading is different, so that nothing is rounded more.
    for (const name of ['mean', 'invStd', 'runningMean', 'runningVariance', 'y'] as const) {
      expect(relativeError(found[name], expected[name]), name).toBeLessThan(1e-5);
    }
  });

  it.each(cuts)('of a smaller batch than planned, $kind $count $size', async (cut) => {
    const z = seeded('x', [2, 7, 3, 6], 1, -2);
    const expected = await portable([2, 7, 3, 6], z);
    const chunks: Chunks = { ...cut, rowsPerImage: 21 };
    const found = await normalize(z, [2, 7, 3, 6], { chunks, barriers: true, plannedBatch: 5 });
    expect(relativeError(found.y, expected.y)).toBeLessThan(1e-5);
    expect(relativeError(found.runningVariance, expected.runningVariance)).toBeLessThan(1e-5);
  });

  it.each(cuts)('with a mean far from 0, $kind $count $size', async (cut) => {
    const size: Shape4 = [4, 9, 9, 5];
    // Deviation 1: the seeded numbers are uniform in ±1.
    const z = seeded('x', size, Math.sqrt(3), 30);
    const expected = exactly(z, size);
    const chunks: Chunks = { ...cut, rowsPerImage: 81 };
    for (const barriers of [false, true]) {
      const found = await normalize(z, size, { chunks, barriers });
      expect(relativeError(found.y, expected.y)).toBeLessThan(1e-4);
      expect(relativeError(found.invStd, expected.invStd)).toBeLessThan(1e-5);
    }
  });

  it('reads the running statistics', async () => {
    for (const channels of [3, 8, 70]) {
      const { weight, bias, mean, variance, eps } = trainedOn(channels);
      const stored = Math.ceil(channels / 4) * 4;
      const coef = (
        await run(
          runningCoefficients({ channels, eps }),
          { weight, bias, runningMean: mean, runningVariance: variance, coef: stored * 4 },
          5,
        )
      )('coef');
      const invStd = [...variance].map((v) => 1 / Math.sqrt(v + eps));
      const scale = invStd.map((s, c) => s * (weight[c] ?? NaN));
      const shift = scale.map((s, c) => (bias[c] ?? NaN) - s * (mean[c] ?? NaN));
      [scale, shift, [...mean], invStd].forEach((row, i) => {
        const found = coef.subarray(i * stored, (i + 1) * stored);
        expect(relativeError(found.subarray(0, channels), row)).toBeLessThan(1e-6);
        expect(found.subarray(channels).every((value) => value === 0)).toBe(true);
      });
    }
  });

  it.each(goldens.batchNorm)('PyTorch, $x $activation', async (golden) => {
    const size = golden.x as Shape4;
    const activation = golden.activation as Activation;
    const chunks: Chunks = { kind: 'count', count: 3, rowsPerImage: size[1] * size[2] };
    const trained = trainedOn(size[3], activation);
    const found = await normalize(seeded('x', size, 1, 3), size, {
      chunks,
      barriers: true,
      trained,
    });
    const ceiling = activation === 'relu6' ? 6 : Infinity;
    const floor = activation === 'linear' ? -Infinity : 0;
    const y = found.y.map((value) => Math.min(ceiling, Math.max(floor, value)));
    expect(y).toMatchGolden(golden.y, 1e-5);
    expect(found.runningMean).toMatchGolden(golden.runningMean, 1e-5);
    expect(found.runningVariance).toMatchGolden(golden.runningVariance, 1e-5);
  });
});

/** In double precision. */
function exactly(z: Float32Array, size: Shape4) {
  const channels = size[3];
  const { weight, bias, eps } = trainedOn(channels);
  const rows = z.length / channels;
  const y = new Float64Array(z.length);
  const invStd = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const column = Array.from({ length: rows }, (_, row) => z[row * channels + c] ?? NaN);
    const mean = column.reduce((a, b) => a + b, 0) / rows;
    const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / rows;
    const inverse = 1 / Math.sqrt(variance + eps);
    invStd[c] = inverse;
    column.forEach((value, row) => {
      y[row * channels + c] = (value - mean) * inverse * (weight[c] ?? NaN) + (bias[c] ?? NaN);
    });
  }
  return { y, invStd };
}
