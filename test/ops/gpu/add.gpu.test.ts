/** The GPU's residual connections against the portable op, from all sources. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { add } from '../../../src/ops/add/add.ts';
import { addForward, addGradient } from '../../../src/ops/add/add.wgsl.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run, seededMap } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';

beforeAll(() => useBackend('wasm'));

type Shape4 = [number, number, number, number];

const shapes: Shape4[] = [
  [5, 7, 7, 6],
  [1, 1, 1, 3],
  [2, 3, 5, 20],
];
const reads = [undefined, 'linear', 'relu', 'relu6'] as const;
const activations = ['linear', 'relu', 'relu6'] as const;

describe.skipIf(noGpu)('residual connections on a GPU', () => {
  describe.each(shapes)('[%i, %i, %i, %i]', (...size) => {
    const [batch, height, width, channels] = size;
    const shape = { batch, channels, rowsPerImage: height * width };
    const stored = batch * height * width * padded(channels);

    it.each(activations)('%s of all sources', async (activation) => {
      for (const [a, b] of reads.flatMap((first) => reads.map((second) => [first, second]))) {
        const [left, right] = [seededMap('a', size, a), seededMap('b', size, b)];
        const expected = await valuesOf(tf.tidy(() => add(left.read(), right.read(), activation)));
        const program = addForward(shape, [left.source, right.source], activation);
        const found = await run(program, { ...left.buffers, ...right.buffers, y: stored }, batch);
        const error = relativeError(unpad(found('y'), channels), expected);
        expect(error, `${a} + ${b}`).toBeLessThan(1e-5);
      }
    });

    it('gradients that meet', async () => {
      const [g, into] = [seeded('g', size), seeded('into', size)];
      const buffers = { g: pad(g, channels), into: pad(into, channels) };
      const found = await run(addGradient(shape, { copy: false }), buffers, batch);
      const expected = into.map((value, i) => value + (g[i] ?? NaN));
      expect(relativeError(unpad(found('into'), channels), expected)).toBeLessThan(1e-6);
    });
  });

  it('leaves the rows of a smaller batch alone', async () => {
    const [a, b] = [seededMap('a', [3, 1, 2, 4]), seededMap('b', [3, 1, 2, 4])];
    const program = addForward(
      { batch: 3, channels: 4, rowsPerImage: 2 },
      [a.source, b.source],
      'linear',
    );
    const y = (await run(program, { ...a.buffers, ...b.buffers, y: 24 }, 2))('y');
    expect(y.subarray(0, 16).some(Number.isNaN)).toBe(false);
    expect(y.subarray(16).every(Number.isNaN)).toBe(true);
  });
});
