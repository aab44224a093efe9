/** A residual connection: activation(a + b). Its gradient is the activation's, for both inputs. */
import * as tf from '@tensorflow/tfjs-core';
import { activate } from '../activation/activation.ts';
import type { Activation } from '../kernels.ts';

/** [N,H,W,C] + [N,H,W,C] */
export function add(a: tf.Tensor4D, b: tf.Tensor4D, activation: Activation): tf.Tensor4D {
  return tf.tidy(() => activate<tf.Tensor4D>(tf.add(a, b), activation));
}
