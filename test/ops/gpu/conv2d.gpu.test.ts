/** The GPU's convolutions against the portable op, over shapes and tiles. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
} from '../../../src/ops/conv2d/conv2d.ts';
import {
  convFilterGradient,
  type FilterTile,
} from '../../../src/ops/conv2d/filter-gradient.wgsl.ts';
import {
  convForward,
  convInputGradient,
  type GatherTile,
} from '../../../src/ops/conv2d/gather.wgsl.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { plain, type Source } from '../../../src/ops/gpu/source.ts';
import { sumChunks } from '../../../src/ops/gpu/sum-chunks.wgsl.ts';
import { resolveWindow } from '../../../src/ops/window.ts';
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { openNodeGpu } from '../../support/node-gpu.ts';
import { runProgram } from '../../support/run-program.ts';
import { seeded } from '../../support/seeded.ts';

const device = await openNodeGpu();
beforeAll(() => useBackend('wasm'));

const same = { mode: 'same' } as const;
const symmetric = (size: number) => ({ mode: 'symmetric', size }) as const;

/** [N, H, W, Cin] → Cout; odd sizes, stride 2, 3 channels, 1x1, 7x7 maps, odd channels, batch 1, 5. */
const shapes = [
  { x: [2, 9, 7, 3], out: 8, kernel: 7, stride: 2, padding: symmetric(3) },
  { x: [1, 12, 12, 3], out: 6, kernel: 3, stride: 2, padding: same },
  { x: [5, 7, 7, 16], out: 12, kernel: 3, stride: 1, padding: symmetric(1) },
  { x: [1, 8, 6, 6], out: 5, kernel: 3, stride: 2, padding: symmetric(1) },
  { x: [2, 9, 9, 8], out: 20, kernel: 1, stride: 2, padding: symmetric(0) },
  { x: [5, 5, 3, 10], out: 7, kernel: 1, stride: 1, padding: symmetric(0) },
  { x: [2, 11, 13, 4], out: 9, kernel: 5, stride: 2, padding: same },
  { x: [3, 7, 7, 36], out: 68, kernel: 3, stride: 1, padding: symmetric(1) },
  { x: [33, 1, 1, 24], out: 10, kernel: 1, stride: 1, padding: symmetric(0) },
] as const;

const gatherTiles: GatherTile[] = [
  { kind: 'direct', rows: 4, columns: 2 },
  { kind: 'direct', rows: 1, columns: 1 },
  { kind: 'tiled', rows: 32, columns: 32, depth: 16, laneRows: 4, laneColumns: 4 },
  { kind: 'tiled', rows: 64, columns: 64, depth: 8, laneRows: 8, laneColumns: 8 },
  { kind: 'direct', rows: 4, columns: 4 },
];
const filterTiles: FilterTile[] = [
  { kind: 'direct', rows: 2, columns: 2 },
  { kind: 'direct', rows: 1, columns: 1 },
  { kind: 'tiled', rows: 32, columns: 32, depth: 16, laneRows: 4, laneColumns: 4 },
  { kind: 'tiled', rows: 64, columns: 64, depth: 8, laneRows: 8, laneColumns: 8 },
];
const normalized: Source = { normalized: true, activation: 'relu6' };

describe.skipIf(device === null)('convolutions on a GPU', () => {
  for (const { x: size, out, kernel, stride, padding } of shapes) {
    describe(`[${size.join()}] → ${out}, ${kernel}x${kernel}/${stride} ${padding.mode}`, () => {
      const [n, h, w, c] = size;
      const window = resolveWindow([h, w], { kernel, stride, padding });
      const shape = { batch: n, inChannels: c, outChannels: out, window };
      const [oh, ow] = window.outSize;
      const x = seeded('x', size);
      const filter = seeded('w', [kernel, kernel, c, out]);
      const dy = seeded('dy', [n, oh, ow, out]);
      const scale = seeded('scale', [c], 1, 1);
      const shift = seeded('shift', [c], 1, 0.5);
      const coef = new Float32Array([...pad(scale, c), ...pad(shift, c)]);
      const xTensor = () => tf.tensor4d(x, [...size]);
      const filterTensor = () => tf.tensor4d(filter, [kernel, kernel, c, out]);
      const dyTensor = () => tf.tensor4d(dy, [n, oh, ow, out]);
      const read = () =>
        tf.relu6(tf.add<tf.Tensor4D>(tf.mul(xTensor(), tf.tensor1d(scale)), tf.tensor1d(shift)));

      it.each(gatherTiles)('forward, $kind $rows x $columns', async (tile) => {
        const expected = await valuesOf(tf.tidy(() => conv2d(xTensor(), filterTensor(), window)));
        const program = convForward(shape, plain, tile);
        const y = padded(out) * n * oh * ow;
        const found = await runProgram(
          gpu(),
          program,
          { x: pad(x, c), weight: filter, y },
          { batch: n },
        );
        expect(relativeError(unpad(found.y ?? [], out), expected)).toBeLessThan(1e-5);
      });

      it.each(gatherTiles.slice(1, 3))('forward through batch norm, $kind', async (tile) => {
        const expected = await valuesOf(tf.tidy(() => conv2d(read(), filterTensor(), window)));
        const program = convForward(shape, normalized, tile, { bias: true });
        const bias = new Float32Array(out).fill(0.25);
        const y = padded(out) * n * oh * ow;
        const found = await runProgram(
          gpu(),
          program,
          { x: pad(x, c), xCoef: coef, weight: filter, bias, y },
          { batch: n },
        );
        expect(
          relativeError(
            unpad(found.y ?? [], out),
            expected.map((v) => v + 0.25),
          ),
        ).toBeLessThan(1e-5);
      });

      it.each(gatherTiles)('input gradient, $kind $rows x $columns', async (tile) => {
        const expected = await valuesOf(
          tf.tidy(() => conv2dInputGradient(dyTensor(), filterTensor(), window)),
        );
        const program = convInputGradient(shape, tile, { accumulate: tile.kind === 'direct' });
        const before = tile.kind === 'direct' ? pad(x, c) : padded(c) * n * h * w;
        const found = await runProgram(
          gpu(),
          program,
          { x: pad(dy, out), weight: filter, dx: before },
          { batch: n },
        );
        const sum = tile.kind === 'direct' ? expected.map((v, i) => v + (x[i] ?? NaN)) : expected;
        expect(relativeError(unpad(found.dx ?? [], c), sum)).toBeLessThan(1e-5);
      });

      it.each(filterTiles)('filter gradient, $kind $rows x $columns', async (tile) => {
        const expected = await valuesOf(
          tf.tidy(() => conv2dFilterGradient(read(), dyTensor(), window)),
        );
        for (const chunks of [1, 3]) {
          const program = convFilterGradient(shape, normalized, tile, chunks);
          const parts = await runProgram(
            gpu(),
            program,
            { x: pad(x, c), xCoef: coef, dy: pad(dy, out), dWeight: filter.length * chunks },
            { batch: n },
          );
          const { total = [] } = await runProgram(
            gpu(),
            sumChunks(filter.length, chunks),
            { parts: parts.dWeight ?? 0, total: filter.length },
            { batch: n },
          );
          expect(relativeError(total, expected)).toBeLessThan(1e-5);
        }
      });
    });
  }
});

function gpu(): GPUDevice {
  if (device === null) throw new Error('no device');
  return device;
}
