/**
 * 2-D convolution without groups, forward and both gradients (torch.nn.functional.conv2d).
 * TF.js on WASM has no filter gradient and a scalar input gradient, so both are composed:
 * the input gradient is a convolution of the (zero-inserted) output gradient with the flipped
 * filter, the filter gradient one matrix product a tap.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fusedConv2d, type Epilogue } from '../kernels.ts';
import { matMulTransposed, matMulTransposedOnce } from '../mat-mul.ts';
import { as4d, asRows } from '../shape.ts';
import { gradientWindow, tapOf } from '../shift.ts';
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
    const flipped = window.kernel === 1 ? filter : tf.reverse(filter, [0, 1]);
    const swapped = tf.transpose(flipped, [0, 1, 3, 2]); // [k,k,Cout,Cin]
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
      return as4d(matMulTransposedOnce(asRows(x), asRows(dy)), [1, 1, inChannels, outChannels]);
    }
    // dFilter[i,j] = (x under tap [i,j] of every window)ᵀ dy, and dy is packed for it only once.
    const columns = asRows(dy);
    const taps: tf.Tensor2D[] = [];
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) {
        taps.push(tf.tidy(() => matMulTransposed(asRows(tapOf(x, window, [i, j])), columns)));
      }
    }
    return as4d(tf.stack(taps), [kernel, kernel, inChannels, outChannels]);
  });
}
