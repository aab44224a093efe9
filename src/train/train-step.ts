/** One step of training a whole network: forward, loss, backward, Adam. */
import * as tf from '@tensorflow/tfjs-core';
import type { Network, RunContext } from '../model/network.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import * as adam from './optimizers/adam.ts';

export interface StepResult {
  loss: tf.Scalar; // mean over the batch, before the step
  correct: tf.Scalar; // f32: how many of the batch were right
}

/** x [N, S, S, 3] and labels int32 [N] stay the caller's; the result's scalars become it. */
export async function trainStep(
  network: Network,
  optimizer: adam.AdamState,
  x: tf.Tensor4D,
  labels: tf.Tensor1D,
  learningRate: number,
  context: RunContext = {},
): Promise<StepResult> {
  const pass = await network.forwardTrain(x, context);
  const { loss, dLogits, correct } = softmaxCrossEntropy(pass.logits, labels);
  try {
    const gradients = await pass.backward(dLogits, context);
    adam.update(optimizer, gradients, network, learningRate);
    return { loss, correct };
  } catch (error) {
    tf.dispose([loss, correct]);
    throw error;
  } finally {
    dLogits.dispose();
    pass.dispose();
  }
}
