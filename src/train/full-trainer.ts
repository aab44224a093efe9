/**
 * All layers, from pretrained weights or from scratch: one step a batch. A last batch of one photo
 * is left out: batch norm over a single value a channel (1x1 maps at small sizes) has no variance,
 * and PyTorch refuses it too.
 */
import type { RunConfig } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import type { Learner } from './learner.ts';
import type { Outputs, PhotoSource, Trainer } from './trainer.ts';

export function createFullTrainer(options: {
  learner: Learner;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
}): Trainer {
  const { learner, source, config, random } = options;
  return {
    work: {
      preparing: { photos: 0, cost: 1 },
      training: { photos: source.trainCount, cost: 3 }, // forward, and two products backward
      validating: { photos: source.valCount, cost: 1 },
    },

    prepare: () => Promise.resolve(),

    async trainEpoch(epoch, { signal, onTick }) {
      const steps = Math.ceil(source.trainCount / config.batchSize);
      let [taken, dropped] = [0, 0];
      learner.beginEpoch();
      const batches = source.trainBatches(random.fork(`epoch ${epoch}`), signal);
      for await (const { ids, labels, inputs } of batches) {
        const count = ids.length;
        if (count < 2) {
          dropped += count;
        } else {
          await learner.step({ count, inputs, labels }, config.learningRate, signal);
          taken++;
        }
        onTick({
          stage: { stage: 'training', epoch, epochs: config.epochs, step: taken, steps },
          photos: count,
          runningLoss: await learner.peek(),
        });
      }
      return { ...(await learner.totals()), steps: taken, dropped };
    },

    async validate(epoch, { signal, onTick }): Promise<Outputs> {
      const ids: number[] = [];
      const labels: number[] = [];
      for await (const batch of source.valBatches(signal)) {
        await learner.collect(batch.inputs, batch.ids.length, signal);
        ids.push(...batch.ids);
        labels.push(...batch.labels);
        onTick({
          stage: {
            stage: 'validating',
            epoch,
            epochs: config.epochs,
            done: ids.length,
            total: source.valCount,
          },
          photos: batch.ids.length,
          runningLoss: null,
        });
      }
      const logits = await learner.collected();
      return { ids, labels: Int32Array.from(labels), logits, classes: learner.classes };
    },

    weights: () => learner.weights(),
    optimizerState: () => learner.optimizerState(),
    restoreOptimizer: (state) => learner.restoreOptimizer(state),
  };
}
