/** The GPU's kernels on maps in half precision, against the portable ops on the same numbers. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { add } from '../../../src/ops/add/add.ts';
import { addForward, addGradient } from '../../../src/ops/add/add.wgsl.ts';
import * as conv from '../../../src/ops/conv2d/conv2d.ts';
import { convFilterGradient } from '../../../src/ops/conv2d/filter-gradient.wgsl.ts';
import { convForward, convInputGradient } from '../../../src/ops/conv2d/gather.wgsl.ts';
import * as depthwise from '../../../src/ops/depthwise_conv2d/depthwise-conv2d.ts';
import {
  depthwiseFilterGradient,
  depthwiseForward,
  depthwiseInputGradient,
} from '../../../src/ops/depthwise_conv2d/depthwise.wgsl.ts';
import {
  globalAvgPool,
  globalAvgPoolGradient,
} from '../../../src/ops/global_avg_pool/global-avg-pool.ts';
import {
  globalAvgPoolForward,
  globalAvgPoolGradientProgram,
} from '../../../src/ops/global_avg_pool/global-avg-pool.wgsl.ts';
import { padded, type Program } from '../../../src/ops/gpu/program.ts';
import { maxPool, maxPoolGradient } from '../../../src/ops/max_pool/max-pool.ts';
import { maxPoolForward, maxPoolGradientProgram } from '../../../src/ops/max_pool/max-pool.wgsl.ts';
import { resolveWindow } from '../../../src/ops/window.ts';
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { fromHalfMap, halfMap, roundedToHalf, seededHalfMap } from '../../support/half-maps.ts';
import { noGpu, run, type Buffers } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';

beforeAll(() => useBackend('wasm'));

/** Of the largest; rounding a result to a half takes up to 5e-4 of it. */
const tolerance = 2e-3;
const storage = 'f16';

type Shape4 = [number, number, number, number];

const size: Shape4 = [2, 9, 7, 6];
const [batch, height, width, channels] = size;
const symmetric = { mode: 'symmetric', size: 1 } as const;
const window = resolveWindow([height, width], { kernel: 3, stride: 2, padding: symmetric });
const [outHeight, outWidth] = window.outSize;

const count = ([n, h, w, c]: Shape4): number => n * h * w * padded(c);
const sum = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + (b[i] ?? NaN));

/** Of maps that hold halves: `name` after the program. */
async function halves(program: Program, buffers: Buffers, name: string, c = channels) {
  return fromHalfMap((await run(program, buffers, batch))(name), c);
}

async function floats(program: Program, buffers: Buffers, name: string) {
  return (await run(program, buffers, batch))(name);
}

const tiles = [
  { kind: 'direct', rows: 2, columns: 2 },
  { kind: 'tiled', rows: 32, columns: 32, depth: 16, laneRows: 4, laneColumns: 4 },
] as const;

describe.skipIf(noGpu)('maps in half precision', () => {
  describe.each(tiles)('convolution, $kind', (tile) => {
    const out = 10;
    const shape = { batch, inChannels: channels, outChannels: out, window };
    const outSize: Shape4 = [batch, outHeight, outWidth, out];
    const x = seededHalfMap('x', size, 'relu6');
    const weight = seeded('w', [3, 3, channels, out]);
    const filter = () => tf.tensor4d(weight, [3, 3, channels, out]);
    const dy = roundedToHalf(seeded('dy', outSize));
    const dyTensor = () => tf.tensor4d(dy, outSize);

    it('forward', async () => {
      const expected = await valuesOf(tf.tidy(() => conv.conv2d(x.read(), filter(), window)));
      const buffers = { ...x.buffers, weight, y: count(outSize) / 2 };
      const y = await halves(convForward(shape, x.source, tile, { storage }), buffers, 'y', out);
      expect(relativeError(y, expected)).toBeLessThan(tolerance);
    });

    it.each([false, true])('input gradient, accumulate %s', async (accumulate) => {
      const gradient = await valuesOf(
        tf.tidy(() => conv.conv2dInputGradient(dyTensor(), filter(), window)),
      );
      const dx = accumulate ? halfMap(x.values, channels) : count(size) / 2;
      const program = convInputGradient(shape, tile, { accumulate, storage });
      const found = await halves(program, { x: halfMap(dy, out), weight, dx }, 'dx');
      const expected = accumulate ? sum(gradient, x.values) : gradient;
      expect(relativeError(found, expected)).toBeLessThan(tolerance);
    });

    it('filter gradient', async () => {
      const expected = await valuesOf(
        tf.tidy(() => conv.conv2dFilterGradient(x.read(), dyTensor(), window)),
      );
      const buffers = { ...x.buffers, dy: halfMap(dy, out), dWeight: weight.length };
      const program = convFilterGradient(shape, x.source, tile, 1, { storage });
      const found = await floats(program, buffers, 'dWeight');
      // Nothing is rounded on the way but for the order of the sum.
      expect(relativeError(found, expected)).toBeLessThan(1e-5);
    });
  });

  describe('depthwise convolution', () => {
    const shape = { batch, channels, window };
    const outSize: Shape4 = [batch, outHeight, outWidth, channels];
    const x = seededHalfMap('x', size, 'relu6');
    const weight = seeded('w', [3, 3, channels, 1]);
    const filter = () => tf.tensor4d(weight, [3, 3, channels, 1]);
    const dy = roundedToHalf(seeded('dy', outSize));
    const dyTensor = () => tf.tensor4d(dy, outSize);

    it('forward', async () => {
      const expected = await valuesOf(
        tf.tidy(() => depthwise.depthwiseConv2d(x.read(), filter(), window)),
      );
      const buffers = { ...x.buffers, weight, y: count(outSize) / 2 };
      const y = await halves(depthwiseForward(shape, x.source, { storage }), buffers, 'y');
      expect(relativeError(y, expected)).toBeLessThan(tolerance);
    });

    it.each([false, true])('input gradient, accumulate %s', async (accumulate) => {
      const gradient = await valuesOf(
        tf.tidy(() => depthwise.depthwiseConv2dInputGradient(dyTensor(), filter(), window)),
      );
      const y = accumulate ? halfMap(x.values, channels) : count(size) / 2;
      const program = depthwiseInputGradient(shape, { accumulate, storage });
      const found = await halves(program, { x: halfMap(dy, channels), weight, y }, 'y');
      const expected = accumulate ? sum(gradient, x.values) : gradient;
      expect(relativeError(found, expected)).toBeLessThan(tolerance);
    });

    it('filter gradient', async () => {
      const expected = await valuesOf(
        tf.tidy(() => depthwise.depthwiseConv2dFilterGradient(x.read(), dyTensor(), window)),
      );
      const buffers = { ...x.buffers, dy: halfMap(dy, channels), dWeight: weight.length };
      const program = depthwiseFilterGradient(shape, x.source, 1, { storage });
      expect(relativeError(await floats(program, buffers, 'dWeight'), expected)).toBeLessThan(1e-5);
    });
  });

  describe('residual connections', () => {
    const shape = { batch, channels, rowsPerImage: height * width };
    const [a, b] = [seededHalfMap('a', size, 'relu'), seededHalfMap('b', size)];

    it('forward', async () => {
      const expected = await valuesOf(tf.tidy(() => add(a.read(), b.read(), 'relu6')));
      const program = addForward(shape, [a.source, b.source], 'relu6', { storage });
      const y = await halves(program, { ...a.buffers, ...b.buffers, y: count(size) / 2 }, 'y');
      expect(relativeError(y, expected)).toBeLessThan(tolerance);
    });

    it('gradients that meet, and a copy', async () => {
      const buffers = { g: halfMap(a.values, channels), into: halfMap(b.values, channels) };
      const both = await halves(addGradient(shape, { copy: false, storage }), buffers, 'into');
      expect(relativeError(both, sum(a.values, b.values))).toBeLessThan(tolerance);
      const copy = await halves(addGradient(shape, { copy: true, storage }), buffers, 'into');
      expect(copy).toEqual(a.values);
    });
  });

  it('max pooling, forward and gradient', async () => {
    const shape = { batch, channels, window };
    const outSize: Shape4 = [batch, outHeight, outWidth, channels];
    const x = seededHalfMap('x', size, 'relu');
    const dy = roundedToHalf(seeded('dy', outSize));
    const [y, dx] = tf.tidy(() => {
      const read = x.read();
      const pooled = maxPool(read, window);
      const gradient = maxPoolGradient(tf.tensor4d(dy, outSize), { x: read, y: pooled }, window);
      return [pooled, gradient];
    });
    const [expectedY, gradient] = [await valuesOf(y), await valuesOf(dx)];
    const stored = count(outSize);
    const forward = await run(
      maxPoolForward(shape, x.source, { storage }),
      { ...x.buffers, y: stored / 2, winners: stored / 4 },
      batch,
    );
    expect(relativeError(fromHalfMap(forward('y'), channels), expectedY)).toBeLessThan(tolerance);
    for (const accumulate of [false, true]) {
      const buffers = {
        dy: halfMap(dy, channels),
        winners: forward('winners'),
        dx: accumulate ? halfMap(x.values, channels) : count(size) / 2,
      };
      const program = maxPoolGradientProgram(shape, { accumulate, storage });
      const expected = accumulate ? sum(gradient, x.values) : gradient;
      const found = await halves(program, buffers, 'dx');
      expect(relativeError(found, expected)).toBeLessThan(tolerance);
    }
  });

  it('average pooling, whose result stays as it is', async () => {
    const shape = { batch, channels, pixels: height * width };
    const x = seededHalfMap('x', size, 'relu6');
    const dy = seeded('dy', [batch, channels]);
    const expected = await valuesOf(tf.tidy(() => globalAvgPool(x.read())));
    const buffers = { ...x.buffers, y: batch * padded(channels) };
    const y = await floats(globalAvgPoolForward(shape, x.source), buffers, 'y');
    expect(relativeError(unpad(y, channels), expected)).toBeLessThan(1e-5);
    const gradient = await valuesOf(
      tf.tidy(() => globalAvgPoolGradient(tf.tensor2d(dy, [batch, channels]), [height, width])),
    );
    const program = globalAvgPoolGradientProgram(shape, { storage });
    const dx = await halves(program, { dy: pad(dy, channels), dx: count(size) / 2 }, 'dx');
    expect(relativeError(dx, gradient)).toBeLessThan(tolerance);
  });

  it('beyond the range: activations end there, gradients become infinite', async () => {
    const shape = { batch: 1, channels: 4, rowsPerImage: 1 };
    const most = new Float32Array([65504, 40000, -40000, 3]);
    const map = halfMap(most, 4);
    const source = { normalized: false, activation: 'linear', storage } as const;
    const forward = addForward(shape, [source, source], 'linear', { storage });
    const y = await run(forward, { a: map, b: map, y: 2 }, 1);
    expect([...fromHalfMap(y('y'), 4)]).toEqual([65504, 65504, -65504, 6]);

    const program = addGradient(shape, { copy: false, storage });
    const once = (await run(program, { g: map, into: map }, 1))('into');
    const [a = 0, b = 0, c = 0, d = 0] = fromHalfMap(once, 4);
    expect([a, b, Math.abs(c), d]).toEqual([Infinity, Infinity, Infinity, 6]);
    // And stay so, whatever is added.
    const again = await run(
      program,
      {
        g: halfMap(
          most.map((v) => -v),
          4,
        ),
        into: once,
      },
      1,
    );
    const [, second = 0, third = 0, fourth = 0] = fromHalfMap(again('into'), 4);
    expect([second, Math.abs(third), fourth]).toEqual([Infinity, Infinity, 3]);
  });
});
