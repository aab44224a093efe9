/** Mean over H and W (torch.nn.AdaptiveAvgPool2d(1) and flatten). */
import * as tf from '@tensorflow/tfjs-core';
import { as2d, as4d } from '../shape.ts';

/** x [N,H,W,C] → [N,C] */
export function globalAvgPool(x: tf.Tensor4D): tf.Tensor2D {
  const [n, h, w, c] = x.shape;
  return tf.tidy(() => as2d(tf.avgPool(x, [h, w], 1, 'valid'), [n, c]));
}

/** dy [N,C] → dx [N,H,W,C] */
export function globalAvgPoolGradient(
  dy: tf.Tensor2D,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  const [n, c] = dy.shape;
  return tf.tidy(() => {
    const share = as4d(tf.div(dy, height * width), [n, 1, 1, c]);
    return tf.tile(share, [1, height, width, 1]);
  });
}
