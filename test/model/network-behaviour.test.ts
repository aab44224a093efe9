/** What a network does besides its numbers: ownership, cancel, running out of memory, loading. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { createNetwork, type Network } from '../../src/model/network.ts';
import { expectedShapes, type StateDict } from '../../src/model/state-dict.ts';
import { createRandom } from '../../src/util/random.ts';
import { useBackend } from '../support/backends.ts';
import { seededState } from '../support/seeded.ts';
import { expectNoLeak } from '../support/tensors.ts';

const backbone = backbones.efficientnet_lite0;
const classes = 3;

beforeAll(() => useBackend('wasm'));

async function withNetwork(
  work: (network: Network, image: tf.Tensor4D) => Promise<void>,
  size = 32,
): Promise<void> {
  await expectNoLeak(async () => {
    const network = createNetwork(backbone, classes, createRandom(7));
    const image = tf.ones<tf.Rank.R4>([2, size, size, 3]);
    try {
      await work(network, image);
    } finally {
      tf.dispose(image);
      network.dispose();
    }
  });
}

async function featureValues(network: Network, image: tf.Tensor4D): Promise<number[]> {
  const features = await network.features(image);
  const values = [...(await features.data())];
  features.dispose();
  return values;
}

/** `toEqual` on millions of numbers takes seconds. */
function expectSameState(found: StateDict, expected: StateDict): void {
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, { shape, data }] of expected) {
    const tensor = found.get(name);
    expect(tensor?.shape, name).toEqual(shape);
    expect(
      tensor?.data.every((value, i) => value === data[i]),
      name,
    ).toBe(true);
  }
}

describe('ownership', () => {
  test('a pass without backward leaves nothing', () =>
    withNetwork(async (network, image) => {
      const pass = await network.forwardTrain(image);
      pass.dispose();
    }));

  test('the gradients are the only tensors that a whole pass leaves', () =>
    withNetwork(async (network, image) => {
      const before = tf.memory().numTensors;
      const pass = await network.forwardTrain(image);
      const dLogits = tf.onesLike(pass.logits);
      const gradients = await pass.backward(dLogits);
      dLogits.dispose();
      expect(tf.memory().numTensors - before).toBe(gradients.size);
      expect([...gradients.keys()].sort()).toEqual([...network.parameters.keys()].sort());
      for (const [name, gradient] of gradients) {
        expect(gradient.shape, name).toEqual(network.parameters.get(name)?.shape);
      }
      tf.dispose([...gradients.values()]);
    }));

  test('setParameter disposes the old value, and refuses another shape', () =>
    withNetwork(async (network) => {
      const old = network.parameters.get('bn1.bias');
      network.setParameter('bn1.bias', tf.zeros([32]));
      expect(old?.isDisposed).toBe(true);
      const wrong = tf.zeros([31]);
      expect(() => network.setParameter('bn1.bias', wrong)).toThrow(/bn1.bias/);
      wrong.dispose();
    }));
});

describe('the folded weights of evaluation follow', () => {
  test('a parameter', () =>
    withNetwork(async (network, image) => {
      const before = await featureValues(network, image);
      network.setParameter('bn1.bias', tf.fill([32], 0.5));
      expect(await featureValues(network, image)).not.toEqual(before);
    }));

  test('the running statistics', () =>
    withNetwork(async (network, image) => {
      const before = await featureValues(network, image);
      (await network.forwardTrain(image)).dispose();
      expect(await featureValues(network, image)).not.toEqual(before);
    }));
});

describe('a cancelled pass', () => {
  const cancelled = expect.objectContaining({ code: 'cancelled' });

  test('forward: frees everything and keeps the running statistics', () =>
    withNetwork(async (network, image) => {
      const before = (await network.stateDict()).get('bn1.running_mean')?.data;
      const controller = new AbortController();
      const signal = controller.signal;
      const running = network.forwardTrain(image, { signal });
      controller.abort();
      await expect(running).rejects.toEqual(cancelled);
      await expect(network.features(image, { signal })).rejects.toEqual(cancelled);
      expect((await network.stateDict()).get('bn1.running_mean')?.data).toEqual(before);
    }));

  test('backward', () =>
    withNetwork(async (network, image) => {
      const pass = await network.forwardTrain(image);
      const dLogits = tf.onesLike(pass.logits);
      const controller = new AbortController();
      const running = pass.backward(dLogits, { signal: controller.signal });
      controller.abort();
      await expect(running).rejects.toEqual(cancelled);
      dLogits.dispose();
    }));

  test('a long pass lets timers run meanwhile', () =>
    withNetwork(async (network, image) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const pass = await network.forwardTrain(image);
      pass.dispose();
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(0);
    }, 192));
});

test('a full heap is an error of ours, and the network lives on', () =>
  withNetwork(async (network, image) => {
    const hogs: tf.Tensor[] = [];
    try {
      for (;;) hogs.push(tf.fill([32, 1024, 1024], 0));
    } catch (error) {
      expect(String(error)).toMatch(/cannot allocate/);
    }
    expect(hogs.length).toBeGreaterThan(20); // 4 GiB in pieces of 128 MiB
    const left = tf.memory().numTensors;
    await expect(network.forwardTrain(image)).rejects.toEqual(
      expect.objectContaining({
        code: 'out-of-memory',
        params: { batchSize: 2, imageSize: 256 },
      }),
    );
    expect(tf.memory().numTensors).toBe(left);
    tf.dispose(hogs);
    const pass = await network.forwardTrain(image);
    expect((await pass.logits.data()).every(Number.isFinite)).toBe(true);
    pass.dispose();
  }, 256));

describe('weights', () => {
  const shapes = expectedShapes(backbone, classes);

  test('come back as they went in', () =>
    withNetwork(async (network) => {
      const state = seededState(shapes);
      network.loadStateDict(state);
      const saved = await network.stateDict();
      expect([...saved.keys()]).toEqual([...shapes.keys()]);
      expectSameState(saved, state);
    }));

  test('without the head, the head stays as it was', () =>
    withNetwork(async (network) => {
      const head = (await network.stateDict()).get('classifier.weight');
      const state = seededState(expectedShapes(backbone, 1000));
      network.loadStateDict(state, { head: 'skip' });
      const saved = await network.stateDict();
      expect(saved.get('classifier.weight')).toEqual(head);
      expect(saved.get('conv_stem.weight')).toEqual(state.get('conv_stem.weight'));
    }));

  test('that do not fit change nothing and are named', () =>
    withNetwork(async (network) => {
      const before = await network.stateDict();
      const state = seededState(shapes);
      state.delete('bn1.bias');
      state.set('fc.weight', { shape: [1], data: new Float32Array(1) });
      state.set('bn1.num_batches_tracked', { shape: [], data: new Float32Array(1) });
      state.set('bn2.bias', { shape: [3], data: new Float32Array(3) });
      expect(() => network.loadStateDict(state)).toThrow(
        expect.objectContaining({
          code: 'weights-mismatch',
          params: {
            backbone: 'EfficientNet-Lite0',
            missing: 'bn1.bias',
            unexpected: 'fc.weight',
            wrongShape: 'bn2.bias [3] ≠ [1280]',
          },
        }),
      );
      expectSameState(await network.stateDict(), before);
    }));
});
