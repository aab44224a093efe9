/**
 * Loss and accuracy of an epoch so far, weighted by photos, as pytorch/vision's `SmoothedValue`
 * totals. The sums stay on the device: reading them waits for the GPU, so `peek` does it a few times
 * a second at most.
 */
import * as tf from '@tensorflow/tfjs-core';

const peekMs = 300;

export interface EpochMeter {
  /** Takes ownership of `loss` (mean over the batch) and `correct`. */
  add(loss: tf.Scalar, correct: tf.Scalar, count: number): void;
  /** The mean loss so far, at most `peekMs` old; null before the first step. */
  peek(): Promise<number | null>;
  totals(): Promise<{ loss: number; top1: number; count: number }>;
  dispose(): void;
}

export function createEpochMeter(now: () => number = () => performance.now()): EpochMeter {
  let sums: tf.Tensor1D = tf.tensor1d([0, 0]); // [loss · photos, hits]
  let count = 0;
  let peeked: { at: number; loss: number } | null = null;

  return {
    add(loss, correct, batch) {
      const next = tf.tidy(() =>
        tf.add(sums, tf.stack([tf.mul(loss, batch), tf.cast(correct, 'float32')])),
      );
      tf.dispose([sums, loss, correct]);
      sums = next as tf.Tensor1D;
      count += batch;
    },
    async peek() {
      if (count > 0 && (!peeked || now() - peeked.at >= peekMs)) {
        const seen = count;
        const [lossSum = Number.NaN] = await sums.data();
        peeked = { at: now(), loss: lossSum / seen };
      }
      return peeked?.loss ?? null;
    },
    async totals() {
      const [lossSum = Number.NaN, hits = 0] = await sums.data();
      return { loss: lossSum / count, top1: hits / count, count };
    },
    dispose() {
      sums.dispose();
    },
  };
}
