/**
 * Depthwise 2-D convolution (groups = channels), forward and both gradients. TF.js on WASM has
 * neither gradient: the input's is a depthwise convolution with the flipped filter, the filter's a
 * sum of products a tap.
 */
import * as tf from '@tensorflow/tfjs-core';
import { channelSums, fusedDepthwiseConv2d, type Epilogue } from '../kernels.ts';
import { as4d } from '../shape.ts';
import { dilate, gradientWindow, padInput, placeTap } from '../shift.ts';
import type { Window } from '../window.ts';

/** x [N,H,W,C], filter [k,k,C,1] → [N,H',W',C] */
export function depthwiseConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
  epilogue: Epilogue = {},
): tf.Tensor4D {
  return fusedDepthwiseConv2d(x, filter, window, epilogue);
}

/** dy [N,H',W',C] → dx [N,H,W,C] */
export function depthwiseConv2dInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { dilated, window: back } = gradientWindow(dy, window);
    return fusedDepthwiseConv2d(dilated, tf.reverse(filter, [0, 1]), back);
  });
}

/** x [N,H,W,C], dy [N,H',W',C] → dFilter [k,k,C,1] */
export function depthwiseConv2dFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  window: Window,
): tf.Tensor4D {
  const { kernel, stride } = window;
  return tf.tidy(() => {
    const padded = padInput(x, window);
    const spread = dilate(dy, stride);
    const taps: tf.Tensor1D[] = [];
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) {
        taps.push(tf.tidy(() => channelSums(tf.mul(padded, placeTap(spread, window, [i, j])))));
      }
    }
    return as4d(tf.stack(taps), [kernel, kernel, x.shape[3], 1]);
  });
}
