/**
 * What the taps of a filter see of their input: the part of the input that a filter's gradient is
 * made of. On WASM copied by loops over the heap, elsewhere by convolutions with one-hot filters.
 */
import * as tf from '@tensorflow/tfjs-core';
import { copyEvery, fillOnHeap, onHeap } from './heap.ts';
import { fusedDepthwiseConv2d } from './kernels.ts';
import { as2d, as4d, asRows } from './shape.ts';
import type { Window } from './window.ts';

/** x at tap [i, j] of every window, 0 outside: [N,H,W,C] → [N,H',W',C]. */
export function tapOf(x: tf.Tensor4D, window: Window, [i, j]: readonly [number, number]) {
  if (!onHeap()) return oneHotTap(x, window, [i, j]);
  const [count, , , channels] = x.shape;
  const { stride, outSize } = window;
  const shape: [number, number, number, number] = [count, ...outSize, channels];
  const seen = fillOnHeap(shape, [x], (out, from) => {
    out.fill(0);
    for (const { at, to, windows } of rowsUnder(x, window, i, j)) {
      for (let w = 0; w < windows; w++) {
        const [target, source] = [(to + w) * channels, (at + w * stride) * channels];
        copyEvery(out, target, from, source, 1, channels);
      }
    }
  });
  return as4d(seen, shape);
}

/**
 * Row `i` of the filter at every window, a line for each tap and channel, a column for each window,
 * 0 outside: [N,H,W,C] → [k·C, N·H'·W'].
 */
export function tapRows(x: tf.Tensor4D, window: Window, i: number): tf.Tensor2D {
  const [count, , , channels] = x.shape;
  const { kernel, stride, outSize } = window;
  const shape: [number, number] = [kernel * channels, count * outSize[0] * outSize[1]];
  if (!onHeap()) {
    return tf.tidy(() => {
      const taps = Array.from({ length: kernel }, (_, j) => asRows(tapOf(x, window, [i, j])));
      return tf.transpose(tf.concat(taps, 1));
    });
  }
  const seen = fillOnHeap(shape, [x], (out, from) => {
    out.fill(0);
    for (let j = 0; j < kernel; j++) {
      for (const { at, to, windows } of rowsUnder(x, window, i, j)) {
        for (let c = 0; c < channels; c++) {
          const line = (j * channels + c) * shape[1];
          copyEvery(out, line + to, from, at * channels + c, stride * channels, windows);
        }
      }
    }
  });
  return as2d(seen, shape);
}

/** A row of windows whose tap lies inside the input: their pixels, and their own places. */
interface WindowRow {
  at: number; // pixel under the tap in the first of them; `stride` further in the next
  to: number; // the first window
  windows: number;
}

function* rowsUnder(x: tf.Tensor4D, window: Window, i: number, j: number): Generator<WindowRow> {
  const [count, height, width] = x.shape;
  const { stride, before, outSize } = window;
  const [outHeight, outWidth] = outSize;
  const left = j - before[1]; // column under the tap in the first window, which may be outside
  const first = left < 0 ? Math.ceil(-left / stride) : 0;
  const windows = Math.min(outWidth, Math.floor((width - 1 - left) / stride) + 1) - first;
  for (let n = 0; n < count; n++) {
    for (let r = 0; r < outHeight; r++) {
      const row = r * stride + i - before[0];
      if (row < 0 || row >= height || windows <= 0) continue;
      yield {
        at: (n * height + row) * width + first * stride + left,
        to: (n * outHeight + r) * outWidth + first,
        windows,
      };
    }
  }
}

function oneHotTap(x: tf.Tensor4D, window: Window, [i, j]: readonly [number, number]) {
  const { kernel } = window;
  const channels = x.shape[3];
  return tf.tidy(() => {
    const oneHot = new Float32Array(kernel * kernel * channels);
    const start = (i * kernel + j) * channels;
    const filter = tf.tensor4d(oneHot.fill(1, start, start + channels), [
      kernel,
      kernel,
      channels,
      1,
    ]);
    return fusedDepthwiseConv2d(x, filter, window);
  });
}
