import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { resnet18 } from '../../src/model/backbones/resnet18.ts';
import { initialValue } from '../../src/model/init.ts';
import { createPace } from '../../src/model/pace.ts';
import { makePlan } from '../../src/model/plan.ts';
import { TensorStore } from '../../src/model/tensor-store.ts';
import { forwardTrain } from '../../src/model/train-pass.ts';
import { createRandom } from '../../src/util/random.ts';
import { useBackend } from '../support/backends.ts';
import { seeded } from '../support/seeded.ts';
import { expectNoLeak } from '../support/tensors.ts';

beforeAll(() => useBackend('wasm'));

test('convolving again instead of keeping gives the same gradients from less memory', () =>
  expectNoLeak(async () => {
    const store = new TensorStore(resnet18, 2);
    const random = createRandom(3);
    for (const spec of store.specs) store.set(spec.name, initialValue(spec, resnet18, random));
    const image = tf.tensor4d(seeded('image', [2, 64, 64, 3]), [2, 64, 64, 3]);
    const dFeatures = tf.ones<tf.Rank.R2>([2, resnet18.featureDim]);

    const run = async (keepConvOutputs: boolean) => {
      const before = tf.memory().numBytes;
      const pass = await forwardTrain(makePlan(resnet18), image, store, createPace(), {
        keepConvOutputs,
      });
      const bytes = tf.memory().numBytes - before;
      const gradients = await pass.backward(dFeatures, createPace());
      const conv1 = [...((await gradients.get('conv1.weight')?.data()) ?? [])];
      tf.dispose([...gradients.values(), pass.features]);
      for (const { mean, variance } of pass.running.values()) tf.dispose([mean, variance]);
      return { conv1, bytes };
    };

    const kept = await run(true);
    const again = await run(false);
    expect(again.conv1).toEqual(kept.conv1);
    expect(Math.max(...kept.conv1.map(Math.abs))).toBeGreaterThan(0);
    expect(again.bytes).toBeLessThan(0.8 * kept.bytes);
    tf.dispose([image, dFeatures]);
    store.dispose();
  }));
