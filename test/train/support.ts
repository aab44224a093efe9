/** A tiny network and a made-up task for it: which of three colours fills the picture. */
import { defineBackbone, type Backbone } from '../../src/model/graph.ts';
import type { RunConfig } from '../../src/protocol/run.ts';
import { defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import type { Batch, PhotoSource } from '../../src/train/trainer.ts';
import { createRandom, type Random } from '../../src/util/random.ts';

export const size = 8; // px
export const classes = 3;

/** Two convolutions, 8 px → 2 px. */
export const tinyBackbone: Backbone = defineBackbone({
  name: 'resnet18',
  title: 'tiny',
  init: 'torchvision-resnet',
  preprocessing: {
    mode: 'crop',
    resize: size,
    crop: size,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: 'bilinear',
  },
  nodes: [...block('a', 'image', 3, 8), ...block('b', 'a.relu', 8, 16), ...tail('b.relu')],
});

function block(name: string, input: string, inChannels: number, outChannels: number) {
  return [
    {
      op: 'conv2d',
      name: `${name}.conv`,
      stage: name,
      input,
      inChannels,
      outChannels,
      kernel: 3,
      stride: 2,
      padding: { mode: 'symmetric', size: 1 },
      groups: 1,
    },
    {
      op: 'batch_norm',
      name: `${name}.bn`,
      stage: name,
      input: `${name}.conv`,
      channels: outChannels,
      eps: 1e-5,
      momentum: 0.1,
    },
    { op: 'relu', name: `${name}.relu`, stage: name, input: `${name}.bn` },
  ] as const;
}

function tail(input: string) {
  return [
    { op: 'global_avg_pool', name: 'pool', stage: 'head', input },
    { op: 'linear', name: 'fc', stage: 'head', input: 'pool', inFeatures: 16 },
  ] as const;
}

export function tinyConfig(change: Partial<RunConfig> = {}): RunConfig {
  return {
    ...defaultRunConfig('colours'),
    imageSize: size,
    batchSize: 8,
    epochs: 4,
    views: 2,
    learningRate: 1e-2,
    ...change,
  };
}

/** Photo `id` has the colour of class `id % classes`, with noise. */
export function colours(options: { train: number; val: number; batchSize: number }): PhotoSource {
  const { train, val, batchSize } = options;
  const trainIds = Array.from({ length: train }, (_, id) => id);
  const valIds = Array.from({ length: val }, (_, n) => 1000 + n);
  const split = (ids: number[]): number[][] =>
    Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, n) =>
      ids.slice(n * batchSize, (n + 1) * batchSize),
    );
  return {
    imageSize: size,
    trainCount: train,
    valCount: val,
    async *trainBatches(random, signal) {
      for (const ids of split(random.shuffle(trainIds))) {
        signal.throwIfAborted();
        yield batchOf(ids, random);
      }
    },
    async *viewBatches(views, random, signal) {
      for (const ids of split(trainIds)) {
        signal.throwIfAborted();
        for (let view = 0; view < views; view++) {
          yield { ...batchOf(ids, random.fork(`${ids[0]} ${view}`)), view };
        }
      }
    },
    async *valBatches(signal) {
      for (const ids of split(valIds)) {
        signal.throwIfAborted();
        yield batchOf(ids, createRandom(7));
      }
    },
  };
}

function batchOf(ids: number[], random: Random): Batch {
  const pixels = new Float32Array(ids.length * size * size * 3);
  for (const i of pixels.keys()) {
    const id = ids[Math.floor(i / (size * size * 3))] ?? 0;
    pixels[i] = (i % 3 === id % classes ? 1 : -0.5) + 0.3 * random.normal();
  }
  return { ids, labels: Int32Array.from(ids, (id) => id % classes), inputs: pixels };
}
