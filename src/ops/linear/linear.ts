/** A linear layer (torch.nn.Linear), its weight kept transposed: [D, C]. */
import * as tf from '@tensorflow/tfjs-core';
import { matMulTransposed } from '../mat-mul.ts';

/** features [N,D], weight [D,C], bias [C] → logits [N,C] */
export function linear(features: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => tf.add<tf.Tensor2D>(tf.matMul(features, weight), bias));
}

export interface LinearGradients {
  readonly dWeight: tf.Tensor2D; // [D,C]
  readonly dBias: tf.Tensor1D; // [C]
}

/** The parameters' gradients alone: all that training a head on cached features needs. */
export function linearBackward(features: tf.Tensor2D, dLogits: tf.Tensor2D): LinearGradients {
  return tf.tidy(() => ({
    dWeight: matMulTransposed(features, dLogits),
    dBias: tf.sum<tf.Tensor1D>(dLogits, 0),
  }));
}

/** dLogits [N,C] → dFeatures [N,D] */
export function linearInputGradient(weight: tf.Tensor2D, dLogits: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(dLogits, tf.transpose(weight)));
}
