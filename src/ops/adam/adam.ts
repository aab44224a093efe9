/**
 * One step of Adam for one tensor, as torch.optim.Adam computes it (Kingma and Ba 2014): bias
 * correction on both moments, epsilon added to the corrected root, weight decay as an L2 term.
 */
import * as tf from '@tensorflow/tfjs-core';

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number; // 0.9
  readonly beta2: number; // 0.999
  readonly eps: number; // 1e-8
  readonly weightDecay: number; // 0
}

export interface AdamMoments {
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
}

/** New parameter and moments; the old ones and the gradient stay the caller's to dispose. */
export function adamUpdate(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  moments: AdamMoments,
  step: number, // from 1
  options: AdamOptions,
): AdamMoments & { readonly parameter: tf.Tensor } {
  const { learningRate, beta1, beta2, eps, weightDecay } = options;
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  return tf.tidy(() => {
    const g = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
    const m = tf.add(tf.mul(moments.m, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(moments.v, beta2), tf.mul(tf.square(g), 1 - beta2));
    const root = tf.add(tf.div(tf.sqrt(v), rootCorrection), eps);
    return { parameter: tf.sub(parameter, tf.mul(tf.div(m, root), stepSize)), m, v };
  });
}
