/**
 * TF.js's plain JavaScript backend: where stock lacks gradients on WASM, this one has them all, at
 * a price that allows only the smallest steps.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BenchCase } from '../../src/cli/bench-cases.ts';

const mostPixels = 4 * 64 * 64; // in a batch: half a minute a step

export function fitsPlainCpu(bench: BenchCase): boolean {
  return bench.kind !== 'kernel' && bench.batch * bench.size * bench.size <= mostPixels;
}

export async function openPlainCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  await tf.ready();
}
