/** The GPU's average pooling against the portable op, PyTorch and finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  globalAvgPool,
  globalAvgPoolGradient,
} from '../../../src/ops/global_avg_pool/global-avg-pool.ts';
import {
  globalAvgPoolForward,
  globalAvgPoolGradientProgram,
} from '../../../src/ops/global_avg_pool/global-avg-pool.wgsl.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { plain } from '../../../src/ops/gpu/source.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run, seededMap } from '../../support/on-gpu.ts';
import { centralDifferences } from '../../support/pixel-differences.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;

type Shape4 = [number, number, number, number];

const shapes: Shape4[] = [
  [5, 7, 7, 6],
  [1, 1, 1, 3],
  [2, 3, 5, 20],
];

describe.skipIf(noGpu)('average pooling on a GPU', () => {
  describe.each(shapes)('[%i, %i, %i, %i]', (...size) => {
    const [batch, height, width, channels] = size;
    const shape = { batch, channels, pixels: height * width };

    it.each([undefined, 'relu', 'relu6'] as const)('forward through %s', async (activation) => {
      const x = seededMap('x', size, activation);
      const expected = await valuesOf(tf.tidy(() => globalAvgPool(x.read())));
      const program = globalAvgPoolForward(shape, x.source);
      const found = await run(program, { ...x.buffers, y: batch * padded(channels) }, batch);
      expect(relativeError(unpad(found('y'), channels), expected)).toBeLessThan(tolerance);
    });

    it('gradient', async () => {
      const dy = seeded('dy', [batch, channels]);
      const expected = await valuesOf(
        tf.tidy(() => globalAvgPoolGradient(tf.tensor2d(dy, [batch, channels]), [height, width])),
      );
      const dx = batch * height * width * padded(channels);
      const program = globalAvgPoolGradientProgram(shape);
      const found = await run(program, { dy: pad(dy, channels), dx }, batch);
      expect(relativeError(unpad(found('dx'), channels), expected)).toBeLessThan(tolerance);
    });
  });

  it('gives what finite differences give', async () => {
    const shape = { channels: 4, pixels: 15 };
    const x = seeded('x', [1, 15, 4]);
    const dy = seeded('dy', [1, 4]);
    const gradient = globalAvgPoolGradientProgram({ ...shape, batch: 1 });
    const found = await run(gradient, { dy, dx: x.length }, 1);
    const differences = await centralDifferences(x, 4, 1, dy, async (moved, batch) => {
      const program = globalAvgPoolForward({ ...shape, batch }, plain);
      return (await run(program, { x: moved, y: batch * 4 }, batch))('y');
    });
    expect(relativeError(found('dx'), differences)).toBeLessThan(tolerance);
  });

  it('leaves the rows of a smaller batch alone', async () => {
    const size: Shape4 = [3, 2, 2, 4];
    const x = seededMap('x', size);
    const program = globalAvgPoolForward({ batch: 3, channels: 4, pixels: 4 }, plain);
    const y = (await run(program, { ...x.buffers, y: 12 }, 2))('y');
    const expected = await valuesOf(tf.tidy(() => globalAvgPool(x.read())));
    expect(relativeError(y.subarray(0, 8), expected.subarray(0, 8))).toBeLessThan(tolerance);
    expect(y.subarray(8).every(Number.isNaN)).toBe(true);
  });

  it.each(goldens.globalAvgPool)('PyTorch, $x', async (golden) => {
    const size = golden.x as Shape4;
    const [batch, height, width, channels] = size;
    const shape = { batch, channels, pixels: height * width };
    const { buffers } = seededMap('x', size);
    const row = batch * padded(channels);
    const y = await run(globalAvgPoolForward(shape, plain), { ...buffers, y: row }, batch);
    expect(unpad(y('y'), channels)).toMatchGolden(golden.y, tolerance);
    const dy = pad(seeded('dy', [batch, channels]), channels);
    const program = globalAvgPoolGradientProgram(shape);
    const dx = await run(program, { dy, dx: row * shape.pixels }, batch);
    expect(unpad(dx('dx'), channels)).toMatchGolden(golden.dx, tolerance);
  });
});
