/** Maps as the GPU keeps them: channels padded to whole vec4s. */
import type * as tf from '@tensorflow/tfjs-core';
import { padded } from '../../src/ops/gpu/program.ts';

/** [..., C] → [..., padded C], zeros behind. */
export function pad(values: ArrayLike<number>, channels: number): Float32Array {
  const stride = padded(channels);
  const rows = values.length / channels;
  const out = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++) out[row * stride + c] = values[row * channels + c] ?? NaN;
  }
  return out;
}

export function unpad(values: ArrayLike<number>, channels: number): Float32Array {
  const stride = padded(channels);
  const rows = values.length / stride;
  const out = new Float32Array(rows * channels);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++) out[row * channels + c] = values[row * stride + c] ?? NaN;
  }
  return out;
}

/** max|difference| / max|reference|; NaN where anything is NaN. */
export function relativeError(found: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (found.length !== reference.length) return Infinity;
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const difference = Math.abs((found[i] ?? NaN) - (reference[i] ?? NaN));
    if (Number.isNaN(difference)) return NaN;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(reference[i] ?? 0));
  }
  return worst / Math.max(largest, 1e-12);
}

/** The values of a tensor that only this test wants. */
export async function valuesOf(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
