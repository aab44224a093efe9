/**
 * The frozen backbone's output for every photo and view. With the backbone frozen this is all that
 * a head needs to learn from, so it is computed once, and once for all runs that share its key.
 */
import { mapAhead } from '../util/ahead.ts';
import type { Random } from '../util/random.ts';
import { concat, type FeatureExtractor } from './feature-extractor.ts';
import type { Batch, PhotoSource, Tick, TrainerContext } from './trainer.ts';

export interface Features {
  dim: number; // D
  train: { ids: number[]; labels: Int32Array; views: Float32Array[] }; // each [N, D]
  val: { ids: number[]; labels: Int32Array; rows: Float32Array }; // [M, D]
}

export async function computeFeatures(options: {
  source: PhotoSource;
  extractor: FeatureExtractor;
  dim: number;
  views: number;
  random: Random;
  context: TrainerContext;
}): Promise<Features> {
  const { source, extractor, dim, views, random, context } = options;
  const { signal, onTick } = context;
  const total = views * source.trainCount + source.valCount;
  let done = 0;
  const tick = (photos: number): Tick => {
    done += photos;
    return { stage: { stage: 'preparing', done, total }, photos, runningLoss: null };
  };

  const extract = ({ inputs, ids }: Batch) => extractor.extract(inputs, ids.length);
  const { ahead } = extractor;

  const train = createRows(views);
  const viewBatches = source.viewBatches(views, random, signal);
  for await (const [batch, features] of mapAhead(viewBatches, ahead, extract)) {
    train.add(batch.view, features, batch.view === 0 ? batch : null);
    onTick(tick(batch.ids.length));
  }
  const val = createRows(1);
  const valBatches = source.valBatches(signal);
  for await (const [batch, features] of mapAhead(valBatches, ahead, extract)) {
    val.add(0, features, batch);
    onTick(tick(batch.ids.length));
  }

  const [rows = new Float32Array()] = val.views();
  return {
    dim,
    train: { ...train.names(), views: train.views() },
    val: { ...val.names(), rows },
  };
}

function createRows(views: number) {
  const chunks = Array.from({ length: views }, (): Float32Array[] => []);
  const ids: number[] = [];
  const labels: number[] = [];
  return {
    add(view: number, features: Float32Array, named: { ids: number[]; labels: Int32Array } | null) {
      chunks[view]?.push(features);
      if (!named) return;
      ids.push(...named.ids);
      labels.push(...named.labels);
    },
    names: () => ({ ids, labels: Int32Array.from(labels) }),
    views: () => chunks.map(concat),
  };
}
