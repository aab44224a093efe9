/**
 * TF.js's convolution kernels, called by name: the public wrappers refuse explicit padding in their
 * types or split a fused call in two. Both backends have these two kernels with bias and activation
 * built in; everything spatial in `src/ops` is composed of them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { as1d, as2d, as4d } from './shape.ts';
import type { Window } from './window.ts';

export type Activation = 'linear' | 'relu' | 'relu6';

export interface Epilogue {
  readonly bias?: tf.Tensor1D; // [Cout]
  readonly activation?: Activation;
}

function attributes(window: Window, activation: Activation): tf.NamedAttrMap {
  const [top, left] = window.before;
  const [bottom, right] = window.after;
  return {
    strides: [window.stride, window.stride],
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dataFormat: 'NHWC',
    dilations: [1, 1],
    activation,
  };
}

function run(
  kernel: 'FusedConv2D' | 'FusedDepthwiseConv2D',
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
  { bias, activation = 'linear' }: Epilogue,
): tf.Tensor4D {
  const inputs: tf.NamedTensorMap = bias ? { x, filter, bias } : { x, filter };
  return tf.engine().runKernel(kernel, inputs, attributes(window, activation));
}

/** x [N,H,W,Cin], filter [k,k,Cin,Cout] → [N,H',W',Cout] */
export function fusedConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
  epilogue: Epilogue = {},
): tf.Tensor4D {
  return run('FusedConv2D', x, filter, window, epilogue);
}

/** x [N,H,W,C], filter [k,k,C,1] → [N,H',W',C] */
export function fusedDepthwiseConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
  epilogue: Epilogue = {},
): tf.Tensor4D {
  return run('FusedDepthwiseConv2D', x, filter, window, epilogue);
}

/**
 * activation(x * scale + shift) by channel, in one pass: a 1x1 depthwise convolution. On WASM this
 * is 12 times as fast as the FusedBatchNorm kernel, which has no SIMD.
 */
export function channelAffine(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  activation: Activation = 'linear',
): tf.Tensor4D {
  const size = [x.shape[1], x.shape[2]] as const;
  const window = {
    kernel: 1,
    stride: 1,
    inSize: size,
    outSize: size,
    before: [0, 0],
    after: [0, 0],
  } as const;
  const filter = as4d(scale, [1, 1, x.shape[3], 1]);
  return fusedDepthwiseConv2d(x, filter, window, { bias: shift, activation });
}

/** Mean over H and W: [N,H,W,C] → [N,1,1,C]. Pooling reads NHWC in place, where `tf.mean` transposes. */
export function imageMeans(x: tf.Tensor4D): tf.Tensor4D {
  return tf.avgPool(x, [x.shape[1], x.shape[2]], 1, 'valid');
}

/** Sum over N, H and W: [N,H,W,C] → [C]. */
export function channelSums(x: tf.Tensor4D): tf.Tensor1D {
  const [n, h, w, c] = x.shape;
  const means = as2d(imageMeans(x), [n, c]);
  return as1d(tf.matMul(tf.fill([1, n], h * w), means));
}
