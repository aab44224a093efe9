/** The GPU's depthwise convolutions against the portable op and against PyTorch. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  depthwiseConv2d,
  depthwiseConv2dFilterGradient,
  depthwiseConv2dInputGradient,
} from '../../../src/ops/depthwise_conv2d/depthwise-conv2d.ts';
import {
  depthwiseFilterGradient,
  depthwiseForward,
  depthwiseInputGradient,
} from '../../../src/ops/depthwise_conv2d/depthwise.wgsl.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { plain } from '../../../src/ops/gpu/source.ts';
import { sumChunks } from '../../../src/ops/gpu/sum-chunks.wgsl.ts';
import { resolveWindow, type WindowPadding } from '../../../src/ops/window.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run, seededMap } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;
const same = { mode: 'same' } as const;
const symmetric = (size: number) => ({ mode: 'symmetric', size }) as const;

interface Case {
  x: readonly [number, number, number, number];
  kernel: number;
  stride: number;
  padding: WindowPadding;
}

const cases: Case[] = [
  { x: [2, 9, 7, 6], kernel: 3, stride: 2, padding: same },
  { x: [5, 7, 7, 12], kernel: 3, stride: 1, padding: symmetric(1) },
  { x: [1, 13, 11, 3], kernel: 5, stride: 2, padding: symmetric(2) },
  { x: [5, 1, 1, 8], kernel: 5, stride: 1, padding: same },
  { x: [1, 8, 10, 20], kernel: 5, stride: 2, padding: same },
  { x: [2, 7, 6, 5], kernel: 5, stride: 1, padding: symmetric(2) },
  { x: [3, 1, 1, 4], kernel: 3, stride: 2, padding: symmetric(1) },
];

function setUp({ x: size, kernel, stride, padding }: Case) {
  const [batch, height, width, channels] = size;
  const window = resolveWindow([height, width], { kernel, stride, padding });
  const out = [batch, ...window.outSize, channels] as [number, number, number, number];
  const filterShape = [kernel, kernel, channels, 1] as [number, number, number, number];
  const filter = seeded('w', filterShape);
  const dy = seeded('dy', out);
  return {
    shape: { batch, channels, window },
    filter,
    dy: pad(dy, channels),
    filterTensor: () => tf.tensor4d(filter, filterShape),
    dyTensor: () => tf.tensor4d(dy, out),
    mapSize: batch * height * width * padded(channels),
    outSize: batch * window.outSize[0] * window.outSize[1] * padded(channels),
  };
}

async function summed(parts: Float32Array, chunks: number): Promise<Float32Array> {
  const size = parts.length / chunks;
  return (await run(sumChunks(size, chunks), { parts, total: size }, 1))('total');
}

describe.skipIf(noGpu)('depthwise convolutions on a GPU', () => {
  describe.each(cases)('$x, $kernel/$stride $padding.mode', (given) => {
    const { x: size } = given;
    const [batch, , , channels] = size;
    const { shape, filter, dy, filterTensor, dyTensor, mapSize, outSize } = setUp(given);

    // Plain reading and one chunk are held to PyTorch below. Compiling is what takes the time here.
    const activation = given.kernel === 3 ? 'relu' : 'relu6';
    it(`forward through ${activation}`, async () => {
      const x = seededMap('x', size, activation);
      const expected = await valuesOf(
        tf.tidy(() => depthwiseConv2d(x.read(), filterTensor(), shape.window)),
      );
      const buffers = { ...x.buffers, weight: filter, y: outSize };
      const found = await run(depthwiseForward(shape, x.source), buffers, batch);
      expect(relativeError(unpad(found('y'), channels), expected)).toBeLessThan(tolerance);
    });

    it.each([false, true])('input gradient, accumulate %s', async (accumulate) => {
      const before = seeded('before', size);
      const gradient = await valuesOf(
        tf.tidy(() => depthwiseConv2dInputGradient(dyTensor(), filterTensor(), shape.window)),
      );
      const expected = accumulate ? gradient.map((v, i) => v + (before[i] ?? NaN)) : gradient;
      const y = accumulate ? pad(before, channels) : mapSize;
      const program = depthwiseInputGradient(shape, { accumulate });
      const found = await run(program, { x: dy, weight: filter, y }, batch);
      expect(relativeError(unpad(found('y'), channels), expected)).toBeLessThan(tolerance);
    });

    it('filter gradient in chunks', async () => {
      const chunks = 3;
      const x = seededMap('x', size, 'relu6');
      const expected = await valuesOf(
        tf.tidy(() => depthwiseConv2dFilterGradient(x.read(), dyTensor(), shape.window)),
      );
      const program = depthwiseFilterGradient(shape, x.source, chunks);
      const buffers = { ...x.buffers, dy, dWeight: filter.length * chunks };
      const parts = (await run(program, buffers, batch))('dWeight');
      expect(relativeError(await summed(parts, chunks), expected)).toBeLessThan(tolerance);
    });
  });

  it('leaves the rows of a smaller batch alone', async () => {
    const given = { x: [3, 5, 5, 6], kernel: 3, stride: 1, padding: same } as const;
    const { shape, filter, dy, filterTensor, dyTensor, outSize } = setUp(given);
    const x = seededMap('x', given.x);
    const first = <T extends tf.Tensor4D>(map: T) => tf.slice4d(map, [0, 0, 0, 0], [2, 5, 5, 6]);
    const y = await valuesOf(
      tf.tidy(() => depthwiseConv2d(first(x.read()), filterTensor(), shape.window)),
    );
    const forward = { ...x.buffers, weight: filter, y: outSize };
    const found = (await run(depthwiseForward(shape, plain), forward, 2))('y');
    const written = (outSize / 3) * 2;
    expect(relativeError(unpad(found.subarray(0, written), 6), y)).toBeLessThan(tolerance);
    expect(found.subarray(written).every(Number.isNaN)).toBe(true);

    const dWeight = await valuesOf(
      tf.tidy(() =>
        depthwiseConv2dFilterGradient(first(x.read()), first(dyTensor()), shape.window),
      ),
    );
    const backward = { ...x.buffers, dy, dWeight: filter.length * 4 };
    const parts = (await run(depthwiseFilterGradient(shape, plain, 4), backward, 2))('dWeight');
    expect(relativeError(await summed(parts, 4), dWeight)).toBeLessThan(tolerance);
  });

  it.each(goldens.depthwiseConv2d)('PyTorch, $x $kernel/$stride', async (golden) => {
    const given = { ...golden, padding: golden.padding as WindowPadding };
    const size = golden.x as [number, number, number, number];
    const [batch, , , channels] = size;
    const { shape, filter, dy, mapSize, outSize } = setUp({ ...given, x: size });
    const { buffers } = seededMap('x', size);
    const weight = filter;
    const y = await run(depthwiseForward(shape, plain), { ...buffers, weight, y: outSize }, batch);
    expect(unpad(y('y'), channels)).toMatchGolden(golden.y, tolerance);
    const dx = await run(depthwiseInputGradient(shape), { x: dy, weight, y: mapSize }, batch);
    expect(unpad(dx('y'), channels)).toMatchGolden(golden.dx, tolerance);
    const dw = await run(
      depthwiseFilterGradient(shape, plain, 1),
      { ...buffers, dy, dWeight: filter.length },
      batch,
    );
    expect(dw('dWeight')).toMatchGolden(golden.dw, tolerance);
  });
});
