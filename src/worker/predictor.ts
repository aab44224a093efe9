/** Tries a run's best weights on single photos; the network of the run used last stays loaded. */
import * as tf from '@tensorflow/tfjs-core';
import type { DecodePool } from '../data/decode-pool.ts';
import { evalTransform } from '../data/transforms/presets.ts';
import { softmax } from '../evaluate/metrics.ts';
import { backbones } from '../model/backbones/index.ts';
import { createNetwork, type Network } from '../model/network.ts';
import { AppError } from '../protocol/errors.ts';
import type { Run } from '../protocol/run.ts';
import type { TriedPhoto } from '../protocol/trainer-api.ts';
import { loadBest } from '../storage/checkpoints.ts';
import { logitsOf } from '../train/logits.ts';
import { createRandom } from '../util/random.ts';
import { completeWeights } from './pretrained.ts';

export interface Predictor {
  predict(run: Run, photo: Blob, pool: DecodePool): Promise<TriedPhoto>;
  /** Gives the network's memory back; the next photo loads it anew. */
  close(): void;
}

export function createPredictor(): Predictor {
  let loaded: { runId: string; network: Promise<Network> } | null = null;

  const close = (): void => {
    void loaded?.network.then(
      (network) => network.dispose(),
      () => undefined,
    );
    loaded = null;
  };

  const networkOf = (run: Run): Promise<Network> => {
    if (loaded?.runId === run.id) return loaded.network;
    close();
    const network = loadNetwork(run);
    const mine = { runId: run.id, network };
    loaded = mine;
    network.catch(() => {
      if (loaded === mine) loaded = null;
    });
    return network;
  };

  return {
    close,
    async predict(run, photo, pool) {
      const startedAt = performance.now();
      const { resize, crop, interpolation } = run.preprocessing;
      const name = photo instanceof File ? photo.name : run.datasetName;
      const picture = await pool.decode(name, photo, resize, { interpolation });
      const pixels = evalTransform([picture], crop, run.preprocessing); // [1, S, S, 3]
      const network = await networkOf(run);
      const probabilities = softmax(
        await logitsOf(network, tf.tensor4d(pixels, [1, crop, crop, 3])),
      );
      const top = probabilities
        .map((probability, label) => ({ label, probability }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, 5);
      return { probabilities, top, ms: performance.now() - startedAt };
    },
  };
}

async function loadNetwork(run: Run): Promise<Network> {
  const backbone = backbones[run.config.backbone];
  const best = await loadBest(run.id);
  if (!best) throw new AppError('checkpoint-not-found', { id: run.id });
  const weights = await completeWeights(backbone, best);
  const network = createNetwork(backbone, run.classes.length, createRandom(0));
  try {
    network.loadStateDict(weights);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}
