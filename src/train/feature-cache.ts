/**
 * The frozen backbone's output for every photo and view. With the backbone frozen this is all that
 * a head needs to learn from, so it is computed once, and once for all runs that share its key.
 */
import type { Random } from '../util/random.ts';
import type { PhotoSource, Tick, TrainerContext } from './trainer.ts';

export interface Features {
  dim: number; // D
  train: { ids: number[]; labels: Int32Array; views: Float32Array[] }; // each [N, D]
  val: { ids: number[]; labels: Int32Array; rows: Float32Array }; // [M, D]
}

/** Runs the backbone over a batch: [N, S, S, 3] → [N, D], on the CPU. */
export type FeatureExtractor = (pixels: Float32Array, count: number) => Promise<Float32Array>;

export async function computeFeatures(options: {
  source: PhotoSource;
  extract: FeatureExtractor;
  dim: number;
  views: number;
  random: Random;
  context: TrainerContext;
}): Promise<Features> {
  const { source, extract, dim, views, random, context } = options;
  const { signal, onTick } = context;
  const total = views * source.trainCount + source.valCount;
  let done = 0;
  const tick = (photos: number): Tick => {
    done += photos;
    return { stage: { stage: 'preparing', done, total }, photos, runningLoss: null };
  };

  const train = createRows(views);
  for await (const batch of source.viewBatches(views, random, signal)) {
    const features = await extract(batch.pixels, batch.ids.length);
    train.add(batch.view, features, batch.view === 0 ? batch : null);
    onTick(tick(batch.ids.length));
  }
  const val = createRows(1);
  for await (const batch of source.valBatches(signal)) {
    val.add(0, await extract(batch.pixels, batch.ids.length), batch);
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

function concat(chunks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
