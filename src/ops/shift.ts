/**
 * Moving gradients between the two grids of a sliding window: the output's, and the input's with
 * its padding. All by `pad` and `reshape`: on WASM a pad is a block copy, while a slice first copies
 * the whole tensor out of the heap and a strided slice walks element by element.
 */
import * as tf from '@tensorflow/tfjs-core';
import { as3d, as4d } from './shape.ts';
import type { Window } from './window.ts';

/**
 * Size of the padded input grid. A little larger than the padding asks for, so that a dilated output
 * gradient (with its trailing zeros) fits at every tap.
 */
function gridSize({ outSize, kernel, stride }: Window): [number, number] {
  return [outSize[0] * stride + kernel - 1, outSize[1] * stride + kernel - 1];
}

/** x on the grid: [N,H,W,C] → [N,Hg,Wg,C], zeros around. */
export function padInput(x: tf.Tensor4D, window: Window): tf.Tensor4D {
  const { inSize, before } = window;
  const [height, width] = gridSize(window);
  return pad(x, before, [height - before[0] - inSize[0], width - before[1] - inSize[1]]);
}

function pad(
  x: tf.Tensor4D,
  before: readonly [number, number],
  after: readonly [number, number],
): tf.Tensor4D {
  if (before[0] === 0 && before[1] === 0 && after[0] === 0 && after[1] === 0) return x;
  const sides: [number, number][] = [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ];
  return tf.pad(x, sides);
}

/** Zeros between the elements: [N,h,w,C] → [N,(h-1)*stride+1+t,…], t = stride - 1 trailing zeros. */
export function dilate(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return x;
  const [n, h, w, c] = x.shape;
  const gap: [number, number][] = [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ];
  const wide = tf.pad(as3d(x, [n * h * w, 1, c]), gap); // [N*h*w, stride, C]
  const tall = tf.pad(as3d(wide, [n * h, 1, w * stride * c]), gap); // [N*h, stride, w*stride*C]
  return as4d(tall, [n, h * stride, w * stride, c]);
}

/** A dilated output gradient on the grid, where tap `[i, j]` of each window lies. */
export function placeTap(
  dilated: tf.Tensor4D,
  { kernel }: Window,
  [i, j]: readonly [number, number],
): tf.Tensor4D {
  return pad(dilated, [i, j], [kernel - 1 - i, kernel - 1 - j]);
}

/** Back from the grid to the input: [N,Hg,Wg,C] → [N,H,W,C]. */
export function cropGrid(x: tf.Tensor4D, { before, inSize }: Window): tf.Tensor4D {
  const [n, , , c] = x.shape;
  return tf.slice(x, [0, before[0], before[1], 0], [n, inSize[0], inSize[1], c]);
}

/** What turns a convolution's output gradient into its input's: the input, and its window. */
export function gradientWindow(
  dy: tf.Tensor4D,
  window: Window,
): { dilated: tf.Tensor4D; window: Window } {
  const { kernel, stride, inSize, before } = window;
  const first = [kernel - 1 - before[0], kernel - 1 - before[1]] as const;
  // What is missing at the ends; negative where the dilated gradient's trailing zeros stick out.
  const last = (size: readonly number[]) =>
    [0, 1].map((d) => at(inSize, d) - at(size, d) - at(first, d) + kernel - 1);
  let dilated = dilate(dy, stride);
  let end = last([dilated.shape[1], dilated.shape[2]]);
  if (end.some((size) => size < 0)) {
    const [n, h, w, c] = dilated.shape;
    const size = [h + Math.min(0, at(end, 0)), w + Math.min(0, at(end, 1))] as const;
    dilated = tf.slice(dilated, [0, 0, 0, 0], [n, ...size, c]);
    end = last([dilated.shape[1], dilated.shape[2]]);
  }
  return {
    dilated,
    window: {
      kernel,
      stride: 1,
      inSize: [dilated.shape[1], dilated.shape[2]],
      outSize: inSize,
      before: first,
      after: [at(end, 0), at(end, 1)],
    },
  };
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
