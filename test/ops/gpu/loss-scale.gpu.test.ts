/** Loss scaling on the GPU: what is found in the gradients, and what follows from it. */
import { describe, expect, it } from 'vitest';
import {
  checkGradients,
  newScaler,
  readScaler,
} from '../../../src/ops/optimizer/loss-scale.wgsl.ts';
import {
  optimizerStep,
  squaredNorm,
  normParts,
  torchAdam,
} from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import { crossEntropy } from '../../../src/ops/softmax_cross_entropy/softmax-cross-entropy.wgsl.ts';
import { relativeError } from '../../support/gpu-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';

const size = 4 * 1000; // more than there are lanes, and no multiple of them
const lanes = 256;

function gradientsWith(...bad: { at: number; value: number }[]): Float32Array {
  const gradients = seeded('gradients', [size], 1e30);
  for (const { at, value } of bad) gradients[at] = value;
  return gradients;
}

async function check(gradients: Float32Array, scaler: Float32Array, growthInterval = 2000) {
  const program = checkGradients(size, lanes, { growthInterval });
  return (await run(program, { gradients, scaler }, 1))('scaler');
}

describe.skipIf(noGpu)('loss scaling on a GPU', () => {
  it('lets finite gradients through, and doubles the scale after enough of them', async () => {
    let scaler: Float32Array = newScaler(1024);
    const scales = [];
    for (let step = 0; step < 7; step++) {
      scaler = await check(gradientsWith(), scaler, 3);
      const { scale, unscale, skip } = readScaler(scaler);
      expect(skip).toBe(0);
      scales.push([1 / unscale, scale]);
    }
    expect(scales).toEqual([
      [1024, 1024],
      [1024, 1024],
      [1024, 2048],
      [2048, 2048],
      [2048, 2048],
      [2048, 4096],
      [4096, 4096],
    ]);
  });

  it.each([
    { at: 0, value: Infinity },
    { at: size - 1, value: -Infinity },
    { at: 1234, value: NaN },
  ])('skips a step with $value at $at, and goes on', async (bad) => {
    const before = await check(gradientsWith(), newScaler(1024));
    const scaler = await check(gradientsWith(bad, { at: 77, value: Infinity }), before);
    const found = readScaler(scaler);
    expect(found).toEqual({ scale: 512, unscale: 1 / 1024, skip: 1, streak: 0, skipped: 1 });
    const after = readScaler(await check(gradientsWith(), scaler));
    expect(after).toEqual({ scale: 512, unscale: 1 / 512, skip: 0, streak: 1, skipped: 1 });
  });

  it('keeps the scale above 0', async () => {
    let scaler: Float32Array = newScaler(2 ** -13);
    const bad = gradientsWith({ at: 5, value: NaN });
    for (let step = 0; step < 3; step++) scaler = await check(bad, scaler);
    expect(readScaler(scaler)).toMatchObject({ scale: 2 ** -14, unscale: 2 ** 14, skipped: 3 });
  });

  it('is in the loss, and out of the optimizer again', async () => {
    const logits = seeded('logits', [2, 4]);
    const labels = new Uint32Array([1, 3]);
    const options = { classes: 4, labelSmoothing: 0, classWeights: false };
    const buffers = { logits, labels, dLogits: 8, metrics: new Float32Array(5) };
    const plain = await run(crossEntropy(options), buffers, 2);
    const scaled = await run(
      crossEntropy({ ...options, scaler: true }),
      { ...buffers, scaler: newScaler(1024) },
      2,
    );
    const expected = plain('dLogits').map((value) => value * 1024);
    expect(scaled('dLogits')).toEqual(expected);
    expect(scaled('metrics')).toEqual(plain('metrics'));

    const small = seeded('gradients', [64]);
    const gradients = small.map((value) => value * 1024);
    const state = {
      parameters: seeded('p', [64]),
      m: new Float32Array(64),
      v: new Float32Array(64),
    };
    const rule = { size: 64, rule: torchAdam, clip: false, ema: false, groups: false };
    const values = { learningRate: 0.01, biasCorrection1: 0.1, biasCorrection2: 0.03 };
    const program = optimizerStep({ ...rule, scaler: true });
    const found = await run(program, { ...state, gradients, scaler: newScaler(1024) }, values);
    const alone = await run(optimizerStep(rule), { ...state, gradients: small }, values);
    expect(relativeError(found('parameters'), alone('parameters'))).toBe(0);

    const skipping = newScaler(1024);
    skipping[2] = 1;
    const skipped = await run(program, { ...state, gradients, scaler: skipping }, values);
    for (const name of ['parameters', 'm', 'v'] as const) {
      expect(skipped(name)).toEqual(state[name]);
    }
    const norms = { gradients, parts: normParts, scaler: newScaler(1024) };
    const parts = (await run(squaredNorm(64, { scaler: true }), norms, 1))('parts');
    const sumOfSquares = small.reduce((sum, value) => sum + value * value, 0);
    expect(relativeError([parts.reduce((a, b) => a + b, 0)], [sumOfSquares])).toBeLessThan(1e-6);
  });
});
