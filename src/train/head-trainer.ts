/**
 * Head only: the backbone is frozen, so it runs once over each view of each photo, and an epoch
 * trains a linear layer on those features in a fraction of a second. One epoch sees each photo once,
 * in a view drawn at random from the cached ones, as a DataLoader with augmentation would.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../model/network.ts';
import { createPace } from '../model/pace.ts';
import { parameterSpecs } from '../model/parameters.ts';
import { toTorchLayout, type StateDict } from '../model/state-dict.ts';
import { linearBackward } from '../ops/linear/linear.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import type { RunConfig } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import { createEpochMeter } from './epoch-metrics.ts';
import { computeFeatures, type Features } from './feature-cache.ts';
import { ownExtractor, pooledExtractor, type FeatureWorkers } from './feature-extractor.ts';
import * as adam from './optimizers/adam.ts';
import type { Outputs, PhotoSource, Trainer } from './trainer.ts';

const validationBatch = 1024; // rows of features: a matrix product, no images

/** Keeps the features of a key for the next run that asks for the same. */
export interface FeatureStore {
  get(): Features | null;
  set(features: Features): void;
}

export function createHeadTrainer(options: {
  network: Network;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
  features: FeatureStore;
  workers: FeatureWorkers | null; // null: the backbone runs where the head is trained
}): Trainer {
  const { network, source, config, random, features: store, workers } = options;
  const views = config.augment === 'none' ? 1 : config.views;
  const headSpecs = parameterSpecs(network.backbone, network.classes).filter(({ head }) => head);
  const { headName } = network.backbone;
  let optimizer = adam.init(new Map(headSpecs.map(({ name }) => [name, parameter(network, name)])));
  let cached = store.get();

  function step(x: tf.Tensor2D, labels: Int32Array): { loss: tf.Scalar; correct: tf.Scalar } {
    const logits = network.head(x); // [N, C]
    const y = tf.tensor1d(labels, 'int32');
    const { loss, dLogits, correct } = softmaxCrossEntropy(logits, y);
    const { dWeight, dBias } = linearBackward(x, dLogits);
    const gradients = new Map<string, tf.Tensor>([
      [`${headName}.weight`, dWeight],
      [`${headName}.bias`, dBias],
    ]);
    adam.update(optimizer, gradients, network, config.learningRate);
    tf.dispose([logits, y, dLogits]);
    return { loss, correct };
  }

  return {
    work: {
      preparing: { photos: cached ? 0 : views * source.trainCount + source.valCount, cost: 1 },
      // next to nothing for the network; what an epoch takes is mostly its checkpoint
      training: { photos: source.trainCount, cost: 0.03 },
      validating: { photos: source.valCount, cost: 0.005 },
    },

    async prepare(context) {
      if (cached) return;
      const { signal } = context;
      const { imageSize } = source;
      const { batchSize } = config;
      const extractor = workers
        ? await pooledExtractor({ network, imageSize, batchSize, workers, signal })
        : ownExtractor(network, imageSize, signal);
      const dim = network.backbone.featureDim;
      const viewRandom = random.fork('views');
      try {
        const work = { source, extractor, dim, views, random: viewRandom, context };
        cached = await computeFeatures(work);
      } finally {
        extractor.close();
      }
      store.set(cached);
    },

    async trainEpoch(epoch, { signal, onTick }) {
      const { dim, train } = prepared(cached);
      const epochRandom = random.fork(`epoch ${epoch}`);
      const order = epochRandom.shuffle(train.ids.map((_, row) => row));
      const steps = Math.ceil(order.length / config.batchSize);
      const meter = createEpochMeter();
      const pace = createPace(signal);
      try {
        for (let s = 0; s < steps; s++) {
          await pace.rest();
          const rows = order.slice(s * config.batchSize, (s + 1) * config.batchSize);
          const pixels = new Float32Array(rows.length * dim); // [n, D]
          for (const [n, row] of rows.entries()) {
            const view = train.views[epochRandom.int(train.views.length)];
            if (view) pixels.set(view.subarray(row * dim, (row + 1) * dim), n * dim);
          }
          const x = tf.tensor2d(pixels, [rows.length, dim]);
          const { loss, correct } = step(
            x,
            Int32Array.from(rows, (row) => train.labels[row] ?? 0),
          );
          x.dispose();
          meter.add(loss, correct, rows.length);
          onTick({
            stage: { stage: 'training', epoch, epochs: config.epochs, step: s + 1, steps },
            photos: rows.length,
            runningLoss: await meter.peek(),
          });
        }
        return { ...(await meter.totals()), steps, dropped: 0 };
      } finally {
        meter.dispose();
      }
    },

    async validate(epoch, { signal, onTick }): Promise<Outputs> {
      const { dim, val } = prepared(cached);
      const { classes } = network;
      const total = val.ids.length;
      const logits = new Float32Array(total * classes);
      const pace = createPace(signal);
      for (let from = 0; from < total; from += validationBatch) {
        await pace.rest();
        const to = Math.min(from + validationBatch, total);
        const x = tf.tensor2d(val.rows.subarray(from * dim, to * dim), [to - from, dim]);
        const y = network.head(x); // [n, C]
        logits.set(await y.data(), from * classes);
        tf.dispose([x, y]);
        onTick({
          stage: { stage: 'validating', epoch, epochs: config.epochs, done: to, total },
          photos: to - from,
          runningLoss: null,
        });
      }
      return { ids: val.ids, labels: val.labels, logits, classes };
    },

    async weights() {
      const state: StateDict = new Map();
      for (const spec of headSpecs) {
        const data = await parameter(network, spec.name).data<'float32'>();
        state.set(spec.name, { shape: spec.torchShape, data: toTorchLayout(spec, data) });
      }
      return state;
    },
    optimizerState: () => adam.serialize(optimizer),
    restoreOptimizer(state) {
      adam.dispose(optimizer);
      optimizer = adam.deserialize(state);
    },
    dispose() {
      adam.dispose(optimizer);
    },
  };
}

function parameter(network: Network, name: string): tf.Tensor {
  const found = network.parameters.get(name);
  if (!found) throw new Error(`${network.backbone.name} has no parameter ${name}`);
  return found;
}

function prepared(features: Features | null): Features {
  if (!features) throw new Error('an epoch before prepare()');
  return features;
}
