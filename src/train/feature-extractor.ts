/**
 * Where the frozen backbone runs: on this thread's device, or on every core of the CPU by feature
 * workers, a batch cut into slices for them. The numbers are the same: a photo's features do not
 * depend on its neighbours.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../model/network.ts';
import { AppError } from '../protocol/errors.ts';
import type { FeaturesApi } from '../protocol/features-api.ts';
import type { WorkerLike } from '../protocol/rpc.ts';
import { createWorkerPool } from '../protocol/worker-pool.ts';
import type { Inputs } from './trainer.ts';
import { pixelsOf } from './walked-learner.ts';

export interface FeatureExtractor {
  /** Batches worth asking for before the first is there. */
  readonly ahead: number;
  /** Pictures or photos → features [count, D], on the CPU. */
  extract(inputs: Inputs, count: number): Promise<Float32Array>;
  close(): void;
}

/** How feature workers are made, and how many there may be. */
export interface FeatureWorkers {
  spawn: () => WorkerLike;
  count: number;
}

/** By this thread alone. */
export function ownExtractor(
  network: Network,
  imageSize: number,
  signal?: AbortSignal,
): FeatureExtractor {
  return {
    ahead: 1,
    async extract(inputs, count) {
      const x = tf.tensor4d(pixelsOf(inputs), [count, imageSize, imageSize, 3]);
      try {
        const features = await network.features(x, signal ? { signal } : {}); // [N, D]
        const data = await features.data<'float32'>();
        features.dispose();
        return data;
      } finally {
        x.dispose();
      }
    },
    close: () => undefined,
  };
}

/** One is computed while the next is on its way. */
const inHand = 2;
/** Numbers in a slice: four photos of 224 px, some 40 MB of activations. */
const sliceNumbers = 4 * 224 * 224 * 3;
const largestSlice = 32; // photos

export async function pooledExtractor(options: {
  network: Network;
  imageSize: number;
  batchSize: number;
  workers: FeatureWorkers;
  signal: AbortSignal;
}): Promise<FeatureExtractor> {
  const { network, imageSize, batchSize, workers, signal } = options;
  const numbers = imageSize * imageSize * 3; // of a photo
  const slice = Math.max(1, Math.min(largestSlice, Math.floor(sliceNumbers / numbers)));
  const { backbone } = network;
  const weights = new Map(
    [...(await network.stateDict())].filter(([name]) => !name.startsWith(`${backbone.headName}.`)),
  );
  const pool = createWorkerPool<FeaturesApi>({
    name: 'features',
    spawn: workers.spawn,
    size: workers.count,
    inHand,
    prepare: (caller) => caller.call('open', { backbone: backbone.name, weights, imageSize }),
  });

  const extractSlice = (pixels: Float32Array, from: number, to: number): Promise<Float32Array> => {
    const request = () => {
      const part = pixels.slice(from * numbers, to * numbers);
      const params = { pixels: part, count: to - from };
      return { params, transfer: [part.buffer] };
    };
    const attempt = () => pool.call('extract', { request, signal });
    return attempt().catch((error: unknown) => {
      // another slice may have been the worker's end: once more, in a new one
      if (error instanceof AppError && error.code === 'worker-died') return attempt();
      throw error;
    });
  };

  return {
    // so many that all workers have slices in hand while one batch is being gathered
    ahead: 1 + Math.ceil((workers.count * inHand * slice) / batchSize),
    async extract(inputs, count) {
      const pixels = pixelsOf(inputs);
      const slices: Promise<Float32Array>[] = [];
      for (let from = 0; from < count; from += slice) {
        slices.push(extractSlice(pixels, from, Math.min(from + slice, count)));
      }
      return concat(await Promise.all(slices));
    },
    close: () => pool.close(),
  };
}

export function concat(chunks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
