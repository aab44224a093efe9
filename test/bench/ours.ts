/** Graft's engine, as the trainers and the evaluation use it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from '../../src/model/graph.ts';
import { createNetwork } from '../../src/model/network.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import * as adam from '../../src/train/optimizers/adam.ts';
import { createRandom } from '../../src/util/random.ts';
import { classes, learningRate, weightSeed, type Batch, type Workload } from './workload.ts';

export function ourStep(backbone: Backbone, batch: Batch): Workload {
  const network = createNetwork(backbone, classes, createRandom(weightSeed));
  const optimizer = adam.init(network.parameters);
  const labels = tf.tensor1d(batch.labels, 'int32');
  return {
    async run() {
      const pass = await network.forwardTrain(batch.images);
      const { loss, dLogits, correct } = softmaxCrossEntropy(pass.logits, labels);
      const gradients = await pass.backward(dLogits);
      adam.update(optimizer, gradients, network, learningRate);
      tf.dispose([dLogits, correct]);
      return loss;
    },
    dispose() {
      adam.dispose(optimizer);
      network.dispose();
      labels.dispose();
    },
  };
}

export function ourFeatures(backbone: Backbone, { images }: Batch): Workload {
  const network = createNetwork(backbone, classes, createRandom(weightSeed));
  return {
    run: () => network.features(images),
    dispose: () => network.dispose(),
  };
}
