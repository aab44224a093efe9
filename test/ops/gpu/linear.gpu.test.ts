/** The GPU's linear layer: products as convolutions of points, and the bias's gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { convFilterGradient } from '../../../src/ops/conv2d/filter-gradient.wgsl.ts';
import { convForward, convInputGradient } from '../../../src/ops/conv2d/gather.wgsl.ts';
import { padded } from '../../../src/ops/gpu/program.ts';
import { plain } from '../../../src/ops/gpu/source.ts';
import { linearBackward } from '../../../src/ops/linear/linear.ts';
import { biasGradient, pointWindow } from '../../../src/ops/linear/linear.wgsl.ts';
import goldens from '../../golden/ops.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { pad, relativeError, unpad, valuesOf } from '../../support/gpu-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import '../../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

const tolerance = 1e-5;

describe.skipIf(noGpu)('linear layers on a GPU', () => {
  it.each([
    [5, 3],
    [1, 10],
    [32, 4],
    [7, 130],
  ])('bias gradient of [%i, %i]', async (count, classes) => {
    const dy = seeded('dy', [count, classes]);
    const expected = await valuesOf(
      tf.tidy(() => linearBackward(tf.ones([count, 1]), tf.tensor2d(dy, [count, classes])).dBias),
    );
    const buffers = { dLogits: pad(dy, classes), dBias: classes };
    const found = await run(biasGradient(classes), buffers, count);
    expect(relativeError(found('dBias'), expected)).toBeLessThan(tolerance);
    // Of fewer rows than there are: the last batch of an epoch.
    const first = await run(biasGradient(classes), buffers, 1);
    expect(relativeError(first('dBias'), dy.subarray(0, classes))).toBe(0);
  });

  it.each(goldens.linear)('PyTorch, [$count, $features] → $classes', async (golden) => {
    const { count, features, classes } = golden;
    const shape = {
      batch: count,
      inChannels: features,
      outChannels: classes,
      window: pointWindow,
    };
    const x = pad(seeded('x', [count, features]), features);
    const weight = seeded('w', [features, classes]);
    const dy = pad(seeded('dy', [count, classes]), classes);
    const gather = { kind: 'direct', rows: 1, columns: 1 } as const;

    const forward = { x, weight, bias: seeded('b', [classes]), y: count * padded(classes) };
    const y = await run(convForward(shape, plain, gather, { bias: true }), forward, count);
    expect(unpad(y('y'), classes)).toMatchGolden(golden.y, tolerance);

    const backward = { x: dy, weight, dx: x.length };
    const dx = await run(convInputGradient(shape, gather), backward, count);
    expect(unpad(dx('dx'), features)).toMatchGolden(golden.dx, tolerance);

    const filter = convFilterGradient(shape, plain, { kind: 'direct', rows: 1, columns: 1 }, 1);
    const dw = await run(filter, { x, dy, dWeight: weight.length }, count);
    expect(dw('dWeight')).toMatchGolden(golden.dw, tolerance);

    const db = await run(biasGradient(classes), { dLogits: dy, dBias: classes }, count);
    expect(db('dBias')).toMatchGolden(golden.db, tolerance);
  });
});
