/** Matrix products of tall matrices, the shape that filter gradients have. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * aᵀ b, for a [K,M] and b [K,N] with K large → [M,N].
 * TF.js on WASM takes a tenfold slower path when asked to transpose, so a is transposed first. It
 * also repacks b, once as long as b lives: several products with one b share that.
 */
export function matMulTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, true, false);
  return tf.tidy(() => tf.matMul(tf.transpose(a), b));
}

/** The same for a b that is used once: packing costs more than transposing, so it is the narrower. */
export function matMulTransposedOnce(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm' || a.shape[1] >= b.shape[1]) return matMulTransposed(a, b);
  return tf.tidy(() => tf.transpose(matMulTransposed(b, a)));
}
