/** Matrix products of tall matrices, the shape that filter gradients have. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * aᵀ b, for a [K,M] and b [K,N] with K large → [M,N].
 * TF.js on WASM takes a tenfold slower path when asked to transpose, and its transpose kernel is
 * slow too: there the narrower of the two is transposed first.
 */
export function matMulTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, true, false);
  return tf.tidy(() =>
    a.shape[1] <= b.shape[1]
      ? tf.matMul(tf.transpose(a), b)
      : tf.transpose(tf.matMul(tf.transpose(b), a)),
  );
}
