/**
 * Depthwise 2-D convolution (groups = channels), forward and both gradients. TF.js on WASM has
 * neither gradient: the input's is a depthwise convolution with the flipped filter, the filter's a
 * sum of products a tap.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fusedDepthwiseConv2d, imageMeans, type Epilogue } from '../kernels.ts';
import { turnFilter } from '../rearrange.ts';
import { as4d } from '../shape.ts';
import { gradientWindow, padInput, placeTap } from '../shift.ts';
import { tapOf } from '../taps.ts';
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
    return fusedDepthwiseConv2d(dilated, turnFilter(filter), back);
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
    // Shifting dy over x is cheapest where both have one grid; else what each tap sees is picked out.
    const padded = stride === 1 ? padInput(x, window) : null;
    const product = (tap: readonly [number, number]): tf.Tensor4D =>
      padded ? tf.mul(padded, placeTap(dy, window, tap)) : tf.mul(tapOf(x, window, tap), dy);
    const taps: tf.Tensor4D[] = [];
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) taps.push(tf.tidy(() => imageMeans(product([i, j]))));
    }
    const [n, h, w] = (padded ?? dy).shape;
    const means = imageMeans(as4d(tf.concat(taps), [taps.length, n, 1, x.shape[3]]));
    return as4d(tf.mul(means, n * h * w), [kernel, kernel, x.shape[3], 1]);
  });
}
