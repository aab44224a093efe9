/**
 * Rearrangements that a convolution's gradients need: on WASM by loops over the heap, elsewhere by
 * TF.js's own ops.
 */
import * as tf from '@tensorflow/tfjs-core';
import { copyEvery, fillOnHeap, onHeap } from './heap.ts';
import { as2d, as4d } from './shape.ts';

/** A filter turned by 180°: [k,k,A,B] with both of the first axes backwards. */
export function turnFilter(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, a, b] = filter.shape;
  const taps = height * width;
  if (taps === 1) return filter.clone();
  if (!onHeap()) return tf.reverse(filter, [0, 1]);
  const block = a * b;
  const turned = fillOnHeap(filter.shape, [filter], (out, from) => {
    for (let tap = 0; tap < taps; tap++) {
      out.set(from.subarray(tap * block, (tap + 1) * block), (taps - 1 - tap) * block);
    }
  });
  return as4d(turned, filter.shape);
}

const strip = 64; // rows: what is read of them stays in the cache until all columns are through

/** [M,C] → [C,M], for M large. */
export function transposeRows(x: tf.Tensor2D): tf.Tensor2D {
  if (!onHeap()) return tf.transpose(x);
  const [rows, columns] = x.shape;
  const transposed = fillOnHeap([columns, rows], [x], (out, from) => {
    for (let r = 0; r < rows; r += strip) {
      const count = Math.min(strip, rows - r);
      for (let c = 0; c < columns; c++) {
        copyEvery(out, c * rows + r, from, r * columns + c, columns, count);
      }
    }
  });
  return as2d(transposed, [columns, rows]);
}
