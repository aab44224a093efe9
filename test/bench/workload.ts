/** One case, ready to run again and again on a device that has been chosen. */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkCase } from '../../src/cli/bench-cases.ts';
import { createRandom } from '../../src/util/random.ts';

/** A tensor, or what reads like one. */
export interface Result {
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

export interface Workload {
  /**
   * One step. When it resolves, all of it has been asked of the device; the result is the caller's,
   * and once its values can be read, the step is done.
   */
  run(): Promise<Result>;
  dispose(): void;
}

export const classes = 10;
export const learningRate = 1e-4;
export const weightSeed = 1;

/** Made before the steps, since it costs any engine the same. */
export interface Batch {
  readonly images: tf.Tensor4D; // [N, S, S, 3]
  readonly pixels: Float32Array; // the same
  readonly labels: Int32Array; // [N]
  readonly size: number; // S
}

export function createBatch({ batch, size }: Pick<NetworkCase, 'batch' | 'size'>): Batch {
  const random = createRandom(2);
  const pixels = Float32Array.from({ length: batch * size * size * 3 }, () =>
    random.uniform(-2, 2),
  );
  return {
    pixels,
    size,
    images: tf.tensor4d(pixels, [batch, size, size, 3]),
    labels: Int32Array.from({ length: batch }, (_, i) => i % classes),
  };
}
