/** Matrix products of tall matrices, the shape that filter gradients have. */
import * as tf from '@tensorflow/tfjs-core';
import { transposeRows } from './rearrange.ts';

/**
 * aᵀ b, for a [K,M] and b [K,N] with K large → [M,N].
 * TF.js on WASM takes a tenfold slower path when asked to transpose, so one of the two is
 * transposed first. The other it repacks, which costs more: that is the narrower one.
 */
export function matMulTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, true, false);
  return tf.tidy(() =>
    a.shape[1] >= b.shape[1]
      ? tf.matMul(transposeRows(a), b)
      : tf.transpose(tf.matMul(transposeRows(b), a)),
  );
}
