/** torch.nn.functional.cross_entropy with mean reduction, its gradient, and the count of hits. */
import * as tf from '@tensorflow/tfjs-core';

export interface CrossEntropy {
  readonly loss: tf.Scalar; // mean over the batch
  readonly dLogits: tf.Tensor2D; // [N,C]
  readonly correct: tf.Scalar; // f32: how many rows have their largest logit at the label
}

/** logits [N,C], labels int32 [N] */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): CrossEntropy {
  const [count, classes] = logits.shape;
  return tf.tidy(() => {
    // Shifted by the row's maximum, so that no exponential overflows.
    const shifted = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(shifted);
    const sums = tf.sum<tf.Tensor2D>(exponentials, 1, true); // [N,1]
    // Not tf.oneHot: cast to float on WebGPU, its integers are bound as they are.
    const columns = tf.range(0, classes, 1, 'int32');
    const target = tf.cast(tf.equal(tf.expandDims(labels, 1), columns), 'float32'); // [N,C]
    const picked = tf.sum(tf.mul(shifted, target), 1, true);
    const loss = tf.mean<tf.Scalar>(tf.sub(tf.log(sums), picked));
    const probabilities = tf.div<tf.Tensor2D>(exponentials, sums);
    const dLogits = tf.div<tf.Tensor2D>(tf.sub(probabilities, target), count);
    const correct = tf.sum<tf.Scalar>(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
    return { loss, dLogits, correct };
  });
}
