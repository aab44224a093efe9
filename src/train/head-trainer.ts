/**
 * Head only: the backbone is frozen, so it runs once over each view of each photo, and an epoch
 * trains a linear layer on those features in a fraction of a second. One epoch sees each photo once,
 * in a view drawn at random from the cached ones, as a DataLoader with augmentation would.
 */
import { createPace } from '../model/pace.ts';
import type { RunConfig } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import type { Engine } from './engine.ts';
import { computeFeatures, type Features } from './feature-cache.ts';
import type { Outputs, PhotoSource, Trainer } from './trainer.ts';

/** Keeps the features of a key for the next run that asks for the same. */
export interface FeatureStore {
  get(): Features | null;
  set(features: Features): void;
}

export function createHeadTrainer(options: {
  engine: Engine;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
  features: FeatureStore;
}): Trainer {
  const { engine, source, config, random, features: store } = options;
  const { learner } = engine;
  const views = config.augment === 'none' ? 1 : config.views;
  let cached = store.get();

  return {
    work: {
      preparing: { photos: cached ? 0 : views * source.trainCount + source.valCount, cost: 1 },
      // next to nothing for the network; what an epoch takes is mostly its checkpoint
      training: { photos: source.trainCount, cost: 0.03 },
      validating: { photos: source.valCount, cost: 0.005 },
    },

    async prepare(context) {
      if (cached) return;
      const extractor = await engine.extractor(context.signal);
      const dim = engine.backbone.featureDim;
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
      const pace = createPace(signal);
      learner.beginEpoch();
      for (let s = 0; s < steps; s++) {
        await pace.rest();
        const rows = order.slice(s * config.batchSize, (s + 1) * config.batchSize);
        const inputs = new Float32Array(rows.length * dim); // [n, D]
        for (const [n, row] of rows.entries()) {
          const view = train.views[epochRandom.int(train.views.length)];
          if (view) inputs.set(view.subarray(row * dim, (row + 1) * dim), n * dim);
        }
        const labels = Int32Array.from(rows, (row) => train.labels[row] ?? 0);
        await learner.step({ count: rows.length, inputs, labels }, config.learningRate, signal);
        onTick({
          stage: { stage: 'training', epoch, epochs: config.epochs, step: s + 1, steps },
          photos: rows.length,
          runningLoss: await learner.peek(),
        });
      }
      return { ...(await learner.totals()), steps, dropped: 0 };
    },

    async validate(epoch, { signal, onTick }): Promise<Outputs> {
      const { dim, val } = prepared(cached);
      const total = val.ids.length;
      const pace = createPace(signal);
      for (let from = 0; from < total; from += config.batchSize) {
        await pace.rest();
        const to = Math.min(from + config.batchSize, total);
        await learner.collect(val.rows.subarray(from * dim, to * dim), to - from, signal);
        onTick({
          stage: { stage: 'validating', epoch, epochs: config.epochs, done: to, total },
          photos: to - from,
          runningLoss: null,
        });
      }
      const logits = await learner.collected();
      return { ids: val.ids, labels: val.labels, logits, classes: learner.classes };
    },

    weights: () => learner.weights(),
    optimizerState: () => learner.optimizerState(),
    restoreOptimizer: (state) => learner.restoreOptimizer(state),
  };
}

function prepared(features: Features | null): Features {
  if (!features) throw new Error('an epoch before prepare()');
  return features;
}
