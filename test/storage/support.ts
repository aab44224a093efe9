/** Runs and weights for storage tests: small, and unlike each other. */
import type { Run } from '../../src/protocol/run.ts';
import { defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import type { BestWeights, Checkpoint } from '../../src/train/checkpoint.ts';

export function someRun(id: string, change: Partial<Run> = {}): Run {
  return {
    version: 1,
    id,
    createdAt: 1,
    datasetId: 'd1',
    datasetName: 'fruit',
    classes: ['苹果', '香蕉'],
    config: defaultRunConfig('d1'),
    preprocessing: {
      mode: 'crop',
      resize: 256,
      crop: 224,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      interpolation: 'bicubic',
    },
    device: { backend: 'wasm', adapter: 'CPU (WASM SIMD)', software: false, reason: 'asked' },
    userAgent: 'test',
    status: 'running',
    error: null,
    epochs: [],
    best: null,
    timings: { prepareMs: 0, trainMs: 0, evaluateMs: 0 },
    gpu: null,
    ...change,
  };
}

const weights = (value: number) =>
  new Map([['fc.bias', { shape: [2], data: Float32Array.of(value, -value) }]]);

export function someCheckpoint(epoch: number): Checkpoint {
  const moments = new Map([
    ['fc.bias', { shape: [2], m: Float32Array.of(epoch, 0), v: Float32Array.of(0, epoch) }],
  ]);
  return {
    version: 1,
    epoch,
    model: weights(epoch),
    optimizer: { step: epoch * 7, moments },
    random: [1, 2, 3, epoch],
  };
}

export function someBest(epoch: number, backboneWeights: string | null = null): BestWeights {
  return {
    version: 1,
    epoch,
    model: weights(epoch),
    backboneWeights,
    outputs: { ids: [4], labels: Int32Array.of(1), logits: Float32Array.of(0, 1), classes: 2 },
  };
}
