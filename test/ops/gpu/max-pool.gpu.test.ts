/** The GPU's max pooling against the portable op, PyTorch and finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { roundHalfEven } from '../../../src/data/resize/geometry.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { plain } from '../../../src/ops/gpu/source.ts';
import { maxPool, maxPoolGradient } from '../../../src/ops/max_pool/max-pool.ts';
import {
  maxPoolForward,
  maxPoolGradientProgram,
  type PoolShape,
} from '../../../src/ops/max_pool/max-pool.wgsl.ts';
import { resolveWindow, type WindowPadding } from '../../../src/ops/window.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run, seededMap, type TestMap } from '../../support/on-gpu.ts';
import { centralDifferences } from '../../support/pixel-differences.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;

type Shape4 = [number, number, number, number];

const same = { mode: 'same' } as const;
const symmetric = (size: number) => ({ mode: 'symmetric', size }) as const;

const cases: { x: Shape4; kernel: number; stride: number; padding: WindowPadding }[] = [
  { x: [2, 9, 7, 6], kernel: 3, stride: 2, padding: symmetric(1) },
  { x: [5, 8, 8, 3], kernel: 3, stride: 2, padding: same },
  { x: [1, 7, 7, 16], kernel: 3, stride: 1, padding: symmetric(1) },
  { x: [5, 1, 1, 4], kernel: 3, stride: 2, padding: symmetric(1) },
  { x: [2, 7, 6, 5], kernel: 2, stride: 2, padding: symmetric(0) },
];

/** Few levels make many ties. */
function quantized(size: Shape4, levels: number): Float32Array {
  return seeded('x', size).map((value) => roundHalfEven(value * levels) / levels);
}

async function pool(shape: PoolShape, x: TestMap, dy: Float32Array, before?: Float32Array) {
  const { batch, channels, window } = shape;
  const [outHeight, outWidth] = window.outSize;
  const vectors = (batch * outHeight * outWidth * padded(channels)) / 4;
  const forward = await run(
    maxPoolForward(shape, x.source),
    { ...x.buffers, y: vectors * 4, winners: vectors },
    batch,
  );
  const [height, width] = window.inSize;
  const backward = await run(
    maxPoolGradientProgram(shape, { accumulate: before !== undefined }),
    {
      dy: pad(dy, channels),
      winners: forward('winners'),
      dx: before ? pad(before, channels) : batch * height * width * padded(channels),
    },
    batch,
  );
  return { y: unpad(forward('y'), channels), dx: unpad(backward('dx'), channels) };
}

function shapeOf([batch, height, width, channels]: Shape4, given: (typeof cases)[number]) {
  const window = resolveWindow([height, width], given);
  const out: Shape4 = [batch, ...window.outSize, channels];
  return { shape: { batch, channels, window }, out };
}

describe.skipIf(noGpu)('max pooling on a GPU', () => {
  describe.each(cases)('$x, $kernel/$stride $padding.mode', (given) => {
    const { x: size } = given;
    const { shape, out } = shapeOf(size, given);
    const dy = seeded('dy', out);

    it.each([undefined, 'relu', 'relu6'] as const)('with ties, through %s', async (activation) => {
      const x = seededMap('x', size, activation, quantized(size, 3));
      const [y, dx] = tf.tidy(() => {
        const read = x.read();
        const pooled = maxPool(read, shape.window);
        const saved = { x: read, y: pooled };
        return [pooled, maxPoolGradient(tf.tensor4d(dy, out), saved, shape.window)];
      });
      const found = await pool(shape, x, dy);
      expect(relativeError(found.y, await valuesOf(y))).toBeLessThan(tolerance);
      const gradient = await valuesOf(dx);
      expect(relativeError(found.dx, gradient)).toBeLessThan(tolerance);
      const before = seeded('before', size);
      const sum = await pool(shape, x, dy, before);
      const expected = gradient.map((value, i) => value + (before[i] ?? NaN));
      expect(relativeError(sum.dx, expected)).toBeLessThan(tolerance);
    });
  });

  it('gives what finite differences give', async () => {
    // Every value once, 1 apart, so that no difference of 1/4 changes which is largest.
    const values = Float32Array.from({ length: 5 * 6 * 4 }, (_, i) => ((i * 77) % 120) - 60);
    for (const [kernel, stride, padding] of [
      [3, 2, symmetric(1)],
      [2, 1, same],
    ] as const) {
      const window = resolveWindow([5, 6], { kernel, stride, padding });
      const dy = seeded('dy', [1, ...window.outSize, 4]);
      const x = seededMap('x', [1, 5, 6, 4], undefined, values);
      const { dx } = await pool({ batch: 1, channels: 4, window }, x, dy);
      const differences = await centralDifferences(values, 4, 0.25, dy, async (moved, batch) => {
        const size = dy.length * batch;
        const program = maxPoolForward({ batch, channels: 4, window }, plain);
        return (await run(program, { x: moved, y: size, winners: size / 4 }, batch))('y');
      });
      expect(relativeError(dx, differences)).toBeLessThan(tolerance);
    }
  });

  it('lets no padding win over values below 0', async () => {
    const window = resolveWindow([2, 2], { kernel: 3, stride: 2, padding: symmetric(1) });
    const x = seededMap('x', [1, 2, 2, 1], undefined, new Float32Array([-5, -7, -9, -8]));
    const { y, dx } = await pool({ batch: 1, channels: 1, window }, x, new Float32Array([1]));
    expect([...y]).toEqual([-5]);
    expect([...dx]).toEqual([1, 0, 0, 0]);
  });

  it.each(goldens.maxPool)('PyTorch, $x $kernel/$stride, $levels levels', async (golden) => {
    const size = golden.x as Shape4;
    const { shape, out } = shapeOf(size, {
      ...golden,
      x: size,
      padding: golden.padding as WindowPadding,
    });
    const x = seededMap('x', size, undefined, quantized(size, golden.levels));
    const { y, dx } = await pool(shape, x, seeded('dy', out));
    expect(y).toMatchGolden(golden.y, tolerance);
    expect(dx).toMatchGolden(golden.dx, tolerance);
  });
});
