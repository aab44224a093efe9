/**
 * Max pooling with PyTorch's rules: padding never wins (-inf), and among equal maxima the first in
 * row order gets the gradient. (TF.js's own gradient gives it to the last, and WASM has none.)
 */
import * as tf from '@tensorflow/tfjs-core';
import { cropGrid, dilate, padInput, placeTap } from '../shift.ts';
import { tapOf } from '../taps.ts';
import type { Window } from '../window.ts';

/** x [N,H,W,C] → [N,H',W',C] */
export function maxPool(x: tf.Tensor4D, window: Window): tf.Tensor4D {
  const { kernel, stride, before, after } = window;
  return tf.engine().runKernel(
    'MaxPool',
    { x },
    {
      filterSize: [kernel, kernel],
      strides: [stride, stride],
      pad: [
        [0, 0],
        [before[0], after[0]],
        [before[1], after[1]],
        [0, 0],
      ],
    },
  );
}

/** dy [N,H',W',C], x and y as they went through `maxPool` → dx [N,H,W,C] */
export function maxPoolGradient(
  dy: tf.Tensor4D,
  saved: { x: tf.Tensor4D; y: tf.Tensor4D },
  window: Window,
): tf.Tensor4D {
  const { kernel } = window;
  const { x, y } = saved;
  return tf.tidy(() => {
    let rest: tf.Tensor4D = dy.clone(); // gradient whose maximum has not been met yet
    let sum: tf.Tensor4D = tf.zerosLike(padInput(x, window));
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) {
        [rest, sum] = tf.tidy(() => {
          // Where this tap holds the maximum (y - tap is never below 0) and lies inside x.
          const below = tf.step(tf.sub(y, tapOf(x, window, [i, j])));
          const hit = tf.mul(tf.sub(1, below), insideMask(window, i, j));
          const taken = tf.mul<tf.Tensor4D>(rest, hit);
          const placed = placeTap(dilate(taken, window.stride), window, [i, j]);
          return [tf.sub<tf.Tensor4D>(rest, taken), tf.add<tf.Tensor4D>(sum, placed)];
        });
      }
    }
    return cropGrid(sum, window);
  });
}

/** 1 where tap [i, j] of a window lies inside the input: [1,H',W',1]. */
function insideMask(window: Window, i: number, j: number): tf.Tensor4D {
  const { outSize, inSize, before, stride } = window;
  const mask = new Float32Array(outSize[0] * outSize[1]);
  for (let r = 0; r < outSize[0]; r++) {
    const row = r * stride + i - before[0];
    for (let c = 0; c < outSize[1]; c++) {
      const column = c * stride + j - before[1];
      const inside = row >= 0 && row < inSize[0] && column >= 0 && column < inSize[1];
      mask[r * outSize[1] + c] = inside ? 1 : 0;
    }
  }
  return tf.tensor4d(mask, [1, outSize[0], outSize[1], 1]);
}
