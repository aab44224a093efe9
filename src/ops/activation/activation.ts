/** ReLU and ReLU6: gradient from the output alone. */
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../kernels.ts';

/**
 * dx = dy where 0 < y (< 6), as PyTorch's threshold and hardtanh gradients: zero on both bounds.
 * y is what came out of the activation. Arithmetic instead of a comparison: boolean kernels have no
 * SIMD on WASM.
 */
export function activationGradient<T extends tf.Tensor>(dy: T, y: T, activation: Activation): T {
  switch (activation) {
    case 'linear':
      return dy.clone();
    case 'relu':
      return tf.tidy(() => tf.mul<T>(dy, tf.step(y)));
    case 'relu6':
      return tf.tidy(() => tf.mul<T>(tf.mul(dy, tf.step(y)), tf.step(tf.sub(6, y))));
    default:
      return activation satisfies never;
  }
}

export function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  switch (activation) {
    case 'linear':
      return x.clone();
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    default:
      return activation satisfies never;
  }
}
