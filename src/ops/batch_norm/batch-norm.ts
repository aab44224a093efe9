/**
 * Batch normalization with the activation that follows it (torch.nn.functional.batch_norm).
 * Train mode normalizes by the batch's own biased variance; the running variance takes the unbiased
 * one. Eval mode has no function of its own: it is folded into the convolution (`foldBatchNorm`).
 */
import * as tf from '@tensorflow/tfjs-core';
import { activationGradient } from '../activation/activation.ts';
import { channelAffine, channelSums, type Activation } from '../kernels.ts';

export interface BatchNormParams {
  readonly weight: tf.Tensor1D; // [C]
  readonly bias: tf.Tensor1D;
}

export interface RunningStats {
  readonly mean: tf.Tensor1D; // [C]
  readonly variance: tf.Tensor1D;
}

export interface BatchStats {
  readonly mean: tf.Tensor1D; // [C]
  readonly invStd: tf.Tensor1D;
}

export interface BatchNormForward {
  readonly y: tf.Tensor4D;
  readonly stats: BatchStats;
  readonly running: RunningStats; // updated
}

/** x [N,H,W,C] → activation(batch_norm(x)), the batch's statistics, the new running ones. */
export function batchNormTrain(
  x: tf.Tensor4D,
  { weight, bias }: BatchNormParams,
  running: RunningStats,
  options: { eps: number; momentum: number; activation: Activation },
): BatchNormForward {
  const { eps, momentum, activation } = options;
  const [n, h, w] = x.shape;
  const count = n * h * w;
  return tf.tidy(() => {
    const mean = tf.div<tf.Tensor1D>(channelSums(x), count);
    // Two passes: the mean of squares minus the squared mean would cancel.
    const centred = channelAffine(x, tf.onesLike(mean), tf.neg(mean));
    const variance = tf.div<tf.Tensor1D>(channelSums(tf.square(centred)), count);
    const invStd = tf.rsqrt(tf.add<tf.Tensor1D>(variance, eps));
    const scale = tf.mul<tf.Tensor1D>(weight, invStd);
    const y = channelAffine(x, scale, tf.sub<tf.Tensor1D>(bias, tf.mul(mean, scale)), activation);
    const unbiased = tf.mul<tf.Tensor1D>(variance, count / Math.max(1, count - 1));
    return {
      y,
      stats: { mean, invStd },
      running: {
        mean: blend(running.mean, mean, momentum),
        variance: blend(running.variance, unbiased, momentum),
      },
    };
  });
}

function blend(running: tf.Tensor1D, batch: tf.Tensor1D, momentum: number): tf.Tensor1D {
  return tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum));
}

export interface BatchNormGradients {
  readonly dx: tf.Tensor4D;
  readonly dWeight: tf.Tensor1D;
  readonly dBias: tf.Tensor1D;
}

/**
 * x and y as they went through `batchNormTrain`, dy the gradient of y.
 * With g = dy through the activation and x̂ = (x - mean) * invStd:
 * dx = weight * invStd * (g - mean(g) - x̂ * mean(g * x̂)), which is affine in x by channel.
 */
export function batchNormTrainGradient(
  dy: tf.Tensor4D,
  saved: { x: tf.Tensor4D; y: tf.Tensor4D; stats: BatchStats },
  weight: tf.Tensor1D,
  activation: Activation,
): BatchNormGradients {
  const { x, y, stats } = saved;
  const [n, h, w] = x.shape;
  const count = n * h * w;
  return tf.tidy(() => {
    const { mean, invStd } = stats;
    const g = activationGradient(dy, y, activation);
    const normalized = channelAffine(x, invStd, tf.neg(tf.mul<tf.Tensor1D>(mean, invStd)));
    const dBias = channelSums(g);
    const dWeight = channelSums(tf.mul(g, normalized));
    const scale = tf.mul<tf.Tensor1D>(weight, invStd);
    const slope = tf.div<tf.Tensor1D>(tf.mul(scale, dWeight), -count);
    const shift = tf.div<tf.Tensor1D>(tf.mul(scale, dBias), -count);
    const correction = channelAffine(normalized, slope, shift);
    normalized.dispose();
    const dx = tf.add<tf.Tensor4D>(tf.mul(g, scale), correction);
    return { dx, dWeight, dBias };
  });
}
