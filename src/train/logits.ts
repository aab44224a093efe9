/** What a walked network says of pictures, on the CPU. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../model/network.ts';

/** Evaluation mode, [N, S, S, 3] → N · C numbers; takes ownership of `x`. */
export async function logitsOf(
  network: Network,
  x: tf.Tensor4D,
  signal?: AbortSignal,
): Promise<Float32Array> {
  try {
    const features = await network.features(x, signal ? { signal } : {}); // [N, D]
    const logits = network.head(features); // [N, C]
    features.dispose();
    const data = await logits.data<'float32'>();
    logits.dispose();
    return data;
  } finally {
    x.dispose();
  }
}
