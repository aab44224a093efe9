/**
 * The baseline of head-only training: features by TF.js's public fused ops, a batch at a time, then
 * a linear layer on them by autodiff and `tf.train.adam`, batches gathered as `model.fit` does.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients'; // as the union package does
import type { Backbone } from '../../src/model/graph.ts';
import { pixelsOf } from '../../src/train/walked-learner.ts';
import type { PhotoSource } from '../../src/train/trainer.ts';
import { createRandom } from '../../src/util/random.ts';
import { stockForward } from './stock-features.ts';
import { classes, weightSeed } from './workload.ts';

const learningRate = 1e-3;

/** Features of the source's photos; the epochs run over `photos` rows, repeated where those are fewer. */
export async function stockHead(
  backbone: Backbone,
  source: PhotoSource,
  options: { batch: number; epochs: number; photos: number },
): Promise<{ featuresMs: number; epochsMs: number }> {
  const { batch, epochs, photos } = options;
  const random = createRandom(weightSeed);
  const network = stockForward(backbone);
  const start = performance.now();
  const rows: tf.Tensor2D[] = [];
  for await (const { ids, inputs } of source.trainBatches(random, new AbortController().signal)) {
    const images = tf.tensor4d(pixelsOf(inputs), [
      ids.length,
      source.imageSize,
      source.imageSize,
      3,
    ]);
    const features = network.run(images) as tf.Tensor2D;
    await features.data();
    rows.push(features);
    images.dispose();
  }
  const featuresMs = performance.now() - start;
  network.dispose();

  const computed = tf.concat(rows);
  const wrapped = Int32Array.from({ length: photos }, (_, n) => n % computed.shape[0]);
  const all = tf.gather(computed, tf.tensor1d(wrapped, 'int32'));
  const labels = Int32Array.from({ length: photos }, (_, n) => n % classes);
  const began = performance.now();
  await fitHead(all, labels, { batch, epochs });
  return { featuresMs, epochsMs: performance.now() - began };
}

async function fitHead(
  features: tf.Tensor2D,
  labels: Int32Array,
  { batch, epochs }: { batch: number; epochs: number },
): Promise<void> {
  const [count, dim] = features.shape;
  const random = createRandom(weightSeed);
  const weight = tf.variable(tf.randomUniform<tf.Rank.R2>([dim, classes], -0.02, 0.02));
  const bias = tf.variable(tf.zeros<tf.Rank.R1>([classes]));
  const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), classes); // [N, C]
  const optimizer = tf.train.adam(learningRate);
  const rows = Array.from({ length: count }, (_, row) => row);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.shuffle(rows);
    let last: tf.Scalar | null = null;
    for (let from = 0; from < count; from += batch) {
      last?.dispose();
      last = tf.tidy(() => {
        const picked = tf.tensor1d(order.slice(from, from + batch), 'int32');
        const x = tf.gather(features, picked);
        const y = tf.gather(targets, picked);
        const logits = () => tf.add(tf.matMul(x, weight), bias);
        const loss = () => tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(y, logits());
        return optimizer.minimize(loss, true, [weight, bias]) ?? tf.scalar(NaN);
      });
    }
    await last?.data();
    last?.dispose();
  }
}
