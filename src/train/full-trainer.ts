/**
 * All layers, from pretrained weights or from scratch: forward in train mode, backward, one Adam
 * step a batch. A last batch of one photo is left out: batch norm over a single value a channel
 * (1x1 maps at small sizes) has no variance, and PyTorch refuses it too.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../model/network.ts';
import type { RunConfig } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import { createEpochMeter } from './epoch-metrics.ts';
import * as adam from './optimizers/adam.ts';
import { trainStep, type StepResult } from './train-step.ts';
import type { Batch, Outputs, PhotoSource, Trainer } from './trainer.ts';

export function createFullTrainer(options: {
  network: Network;
  source: PhotoSource;
  config: RunConfig;
  random: Random;
}): Trainer {
  const { network, source, config, random } = options;
  const { imageSize } = source;
  let optimizer = adam.init(network.parameters);

  const images = (batch: Batch): tf.Tensor4D =>
    tf.tensor4d(batch.pixels, [batch.ids.length, imageSize, imageSize, 3]);

  async function step(batch: Batch, signal: AbortSignal): Promise<StepResult> {
    const x = images(batch); // [N, S, S, 3]
    const y = tf.tensor1d(batch.labels, 'int32');
    try {
      return await trainStep(network, optimizer, x, y, config.learningRate, { signal });
    } finally {
      tf.dispose([x, y]);
    }
  }

  return {
    work: {
      preparing: { photos: 0, cost: 1 },
      training: { photos: source.trainCount, cost: 3 }, // forward, and two products backward
      validating: { photos: source.valCount, cost: 1 },
    },

    prepare: () => Promise.resolve(),

    async trainEpoch(epoch, { signal, onTick }) {
      const steps = Math.ceil(source.trainCount / config.batchSize);
      const meter = createEpochMeter();
      let [taken, dropped] = [0, 0];
      try {
        const batches = source.trainBatches(random.fork(`epoch ${epoch}`), signal);
        for await (const batch of batches) {
          const photos = batch.ids.length;
          if (photos < 2) {
            dropped += photos;
          } else {
            const { loss, correct } = await step(batch, signal);
            meter.add(loss, correct, photos);
            taken++;
          }
          onTick({
            stage: { stage: 'training', epoch, epochs: config.epochs, step: taken, steps },
            photos,
            runningLoss: await meter.peek(),
          });
        }
        return { ...(await meter.totals()), steps: taken, dropped };
      } finally {
        meter.dispose();
      }
    },

    async validate(epoch, { signal, onTick }): Promise<Outputs> {
      const { classes } = network;
      const ids: number[] = [];
      const labels: number[] = [];
      const rows: number[] = []; // logits, [N · C]
      for await (const batch of source.valBatches(signal)) {
        rows.push(...(await logitsOf(network, images(batch), signal)));
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
      return {
        ids,
        labels: Int32Array.from(labels),
        logits: Float32Array.from(rows),
        classes,
      };
    },

    weights: () => network.stateDict(),
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
