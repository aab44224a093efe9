/**
 * 2-D convolution without groups, forward and both gradients (torch.nn.functional.conv2d).
 * TF.js on WASM has no filter gradient and a scalar input gradient, so both are composed:
 * the input gradient is a convolution of the (zero-inserted) output gradient with the flipped
 * filter, the filter gradient one matrix product a row of the filter.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fusedConv2d, type Epilogue } from '../kernels.ts';
import { matMulTransposed } from '../mat-mul.ts';
import { turnFilter } from '../rearrange.ts';
import { as4d, asRows } from '../shape.ts';
import { gradientWindow } from '../shift.ts';
import { tapRows } from '../taps.ts';
import type { Window } from '../window.ts';

/** x [N,H,W,Cin], filter [k,k,Cin,Cout] → [N,H',W',Cout] */
export function conv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
  epilogue: Epilogue = {},
): tf.Tensor4D {
  return fusedConv2d(x, filter, window, epilogue);
}

/** dy [N,H',W',Cout] → dx [N,H,W,Cin] */
export function conv2dInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  window: Window,
): tf.Tensor4D {
  return tf.tidy(() => {
    const swapped = tf.transpose(turnFilter(filter), [0, 1, 3, 2]); // [k,k,Cout,Cin]
    const { dilated, window: back } = gradientWindow(dy, window);
    return fusedConv2d(dilated, swapped, back);
  });
}

/** x [N,H,W,Cin], dy [N,H',W',Cout] → dFilter [k,k,Cin,Cout] */
export function conv2dFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, window: Window): tf.Tensor4D {
  const { kernel, stride } = window;
  const inChannels = x.shape[3];
  const outChannels = dy.shape[3];
  return tf.tidy(() => {
    if (kernel === 1 && stride === 1) {
      return as4d(matMulTransposed(asRows(x), asRows(dy)), [1, 1, inChannels, outChannels]);
    }
    // dFilter[i] = (what row i of the filter sees in every window) dy; dy is packed only once.
    const columns = asRows(dy);
    const rows = Array.from({ length: kernel }, (_, i) =>
      tf.tidy(() => tf.matMul(tapRows(x, window, i), columns)),
    );
    return as4d(tf.stack(rows), [kernel, kernel, inChannels, outChannels]);
  });
}
