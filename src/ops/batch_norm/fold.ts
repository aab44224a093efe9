/**
 * Batch norm in eval mode is affine by channel with constants, so it disappears into the
 * convolution before it: filter * s, and s = weight / sqrt(running_var + eps) gives the bias
 * bias - running_mean * s.
 */
import * as tf from '@tensorflow/tfjs-core';
import { as4d } from '../shape.ts';
import type { BatchNormParams, RunningStats } from './batch-norm.ts';

export interface FoldedConv {
  readonly filter: tf.Tensor4D;
  readonly bias: tf.Tensor1D; // [Cout]
}

/** filter [k,k,Cin,Cout], or [k,k,C,1] when depthwise */
export function foldBatchNorm(
  filter: tf.Tensor4D,
  { weight, bias }: BatchNormParams,
  running: RunningStats,
  options: { eps: number; depthwise: boolean },
): FoldedConv {
  return tf.tidy(() => {
    const scale = tf.mul<tf.Tensor1D>(weight, tf.rsqrt(tf.add(running.variance, options.eps)));
    const byFilter = options.depthwise ? as4d(scale, [1, 1, scale.size, 1]) : scale;
    return {
      filter: tf.mul<tf.Tensor4D>(filter, byFilter),
      bias: tf.sub<tf.Tensor1D>(bias, tf.mul(running.mean, scale)),
    };
  });
}
