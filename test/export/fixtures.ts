/** A finished run and its evaluation, as the storage would give them. */
import type { Backbone } from '../../src/model/graph.ts';
import { expectedShapes, type StateDict } from '../../src/model/state-dict.ts';
import type { Dataset } from '../../src/protocol/dataset.ts';
import type { Evaluation, Run } from '../../src/protocol/run.ts';
import { createRandom } from '../../src/util/random.ts';

export const classes = ['柠檬', '苹果, "red"', 'пельмени'];

export const run: Run = {
  version: 1,
  id: 'run-1',
  createdAt: Date.UTC(2026, 10, 23, 12),
  datasetId: 'dataset-1',
  datasetName: '水果 8/split.zip',
  classes,
  config: {
    datasetId: 'dataset-1',
    backbone: 'efficientnet_lite0',
    strategy: 'head',
    epochs: 3,
    batchSize: 32,
    learningRate: 1e-3,
    imageSize: 224,
    augment: 'course',
    precision: 'full',
    views: 4,
    seed: 1,
    numWorkers: 2,
  },
  preprocessing: {
    mode: 'crop',
    resize: 256,
    crop: 224,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: 'bicubic',
  },
  device: { backend: 'wasm', adapter: 'CPU (WASM SIMD)', software: false, reason: 'no-webgpu' },
  userAgent: 'test',
  status: 'finished',
  error: null,
  epochs: [1, 2].map((epoch) => ({
    epoch,
    trainLoss: 1.5 / epoch,
    trainTop1: 0.25 * epoch,
    valLoss: 1 / 3,
    valTop1: 0.5,
    valTop5: 1,
    learningRate: 1e-7,
    seconds: 2.5,
  })),
  best: { epoch: 2, valTop1: 0.5, valTop5: 1, interval: [0.2, 0.8] },
  timings: { prepareMs: 20, trainMs: 300, evaluateMs: 4000 },
  gpu: null,
};

export const dataset: Dataset = {
  version: 1,
  id: 'dataset-1',
  name: run.datasetName,
  createdAt: run.createdAt,
  source: { kind: 'zip', name: 'split.zip', bytes: 1000 },
  classes,
  counts: { train: 6, val: 2, test: 0 },
  classCounts: { train: [2, 2, 2], val: [1, 1, 0], test: [0, 0, 0] },
  splitOrigin: 'folders',
  splitSeed: 1,
  encoding: { used: 'gb18030', guessed: 'gb18030', matters: true },
  skipped: [{ name: 'Thumbs.db', reason: 'litter' }],
  bytes: 900,
  importMs: 1,
};

export const evaluation: Evaluation = {
  runId: run.id,
  split: 'val',
  count: 2,
  loss: 1 / 3,
  top1: 0.5,
  top5: 1,
  interval: [0.2, 0.8],
  top5Interval: [0.4, 1],
  confusion: [
    [1, 0, 0],
    [1, 0, 0],
    [0, 0, 0],
  ],
  perClass: [],
  predictions: [
    { sample: 6, path: 'val/柠檬/1.jpg', label: 0, predicted: 0, probabilities: [0.8, 0.1, 0.1] },
    { sample: 7, path: 'val/苹果/1.jpg', label: 1, predicted: 0, probabilities: [0.6, 0.3, 0.1] },
  ],
};

/** Weights of the right shapes: small, seeded, variances positive. */
export function seededState(backbone: Backbone, classCount: number): StateDict {
  const random = createRandom(7);
  return new Map(
    [...expectedShapes(backbone, classCount)].map(([name, shape]) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const data = new Float32Array(count);
      const low = name.endsWith('running_var') ? 0.5 : -0.1;
      for (let i = 0; i < count; i++) data[i] = random.uniform(low, low + 0.2);
      return [name, { shape, data }];
    }),
  );
}
