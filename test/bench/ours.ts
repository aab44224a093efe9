/** Graft's engine, as the trainers and the evaluation use it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from '../../src/model/graph.ts';
import { createNetwork } from '../../src/model/network.ts';
import * as adam from '../../src/train/optimizers/adam.ts';
import { trainStep } from '../../src/train/train-step.ts';
import { createRandom } from '../../src/util/random.ts';
import { classes, learningRate, weightSeed, type Batch, type Workload } from './workload.ts';

export function ourStep(backbone: Backbone, batch: Batch): Workload {
  const network = createNetwork(backbone, classes, createRandom(weightSeed));
  const optimizer = adam.init(network.parameters);
  const labels = tf.tensor1d(batch.labels, 'int32');
  return {
    async run() {
      const { loss, correct } = await trainStep(
        network,
        optimizer,
        batch.images,
        labels,
        learningRate,
      );
      correct.dispose();
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
