/** Views of the same data in another shape, with the rank in the type. */
import * as tf from '@tensorflow/tfjs-core';

/** [..., C] → [M, C] */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  const channels = x.shape.at(-1) ?? 1;
  return tf.reshape<tf.Rank.R2>(x, [x.size / channels, channels]);
}

export function as1d(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(x, [x.size]);
}

export function as2d(x: tf.Tensor, shape: [number, number]): tf.Tensor2D {
  return tf.reshape<tf.Rank.R2>(x, shape);
}

export function as3d(x: tf.Tensor, shape: [number, number, number]): tf.Tensor3D {
  return tf.reshape<tf.Rank.R3>(x, shape);
}

export function as4d(x: tf.Tensor, shape: [number, number, number, number]): tf.Tensor4D {
  return tf.reshape<tf.Rank.R4>(x, shape);
}
