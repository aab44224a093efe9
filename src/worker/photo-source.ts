/**
 * What a trainer sees of a dataset: batches of normalized pixels, made by the DataLoader and the
 * transforms from the stored photos. A photo that cannot be decoded is left out, and named once.
 */
import { createDataLoader, type Picture } from '../data/data-loader.ts';
import type { DecodePool } from '../data/decode-pool.ts';
import {
  drawTrainCrops,
  evalCrops,
  evalTransform,
  resizeFor,
  trainTransform,
  type Crop,
} from '../data/transforms/presets.ts';
import type { Preprocessing } from '../protocol/backbone.ts';
import type { Sample } from '../protocol/dataset.ts';
import type { RunConfig } from '../protocol/run.ts';
import type { Batch, Inputs, PhotoSource } from '../train/trainer.ts';
import type { Random } from '../util/random.ts';

/** Decoded pictures kept for the next epoch: some 2,000 of them at 256 px. */
const cacheBytes = 512 * 2 ** 20;

export interface Photos extends PhotoSource {
  /** Paths of the photos that could not be read so far. */
  skipped(): string[];
  close(): void;
}

/** The backbone's own preprocessing at another size: the ratio of resize to crop stays. */
export function preprocessingFor(base: Preprocessing, imageSize: number): Preprocessing {
  return { ...base, resize: resizeFor(imageSize), crop: imageSize };
}

export function createPhotos(options: {
  samples: readonly Sample[];
  photo: (id: number) => Promise<Blob>;
  pool: DecodePool;
  preprocessing: Preprocessing;
  config: RunConfig;
  onDevice: boolean; // the GPU crops, resizes and normalizes
}): Photos {
  const { samples, photo, pool, preprocessing, config, onDevice } = options;
  const { imageSize, batchSize, augment } = config;
  const train = samples.filter(({ split }) => split === 'train');
  const val = samples.filter(({ split }) => split === 'val');
  const skipped: string[] = [];
  const loader = createDataLoader({
    source: { photo },
    pool,
    resize: preprocessing.resize,
    interpolation: preprocessing.interpolation,
    cacheBytes: config.strategy === 'head' ? 0 : cacheBytes, // a head needs each photo once
    onSkipped: ({ path }) => skipped.push(path),
  });

  const augmented = (pictures: Picture[], random: Random): Batch =>
    onDevice
      ? cropped(pictures, drawTrainCrops(pictures, imageSize, random, augment))
      : batchOf(pictures, trainTransform(pictures, imageSize, random, augment, preprocessing));
  const evaluated = (pictures: Picture[]): Batch =>
    onDevice
      ? cropped(pictures, evalCrops(pictures, imageSize))
      : batchOf(pictures, evalTransform(pictures, imageSize, preprocessing));

  return {
    imageSize,
    trainCount: train.length,
    valCount: val.length,
    async *trainBatches(random, signal) {
      const shuffle = random.fork('order');
      const views = random.fork('views');
      for await (const pictures of loader.epoch({ samples: train, batchSize, shuffle, signal })) {
        yield augmented(pictures, views);
      }
    },
    async *viewBatches(views, random, signal) {
      const randoms = Array.from({ length: views }, (_, view) => random.fork(view));
      for await (const pictures of loader.epoch({ samples: train, batchSize, signal })) {
        for (const [view, viewRandom] of randoms.entries()) {
          yield { ...augmented(pictures, viewRandom), view };
        }
      }
    },
    async *valBatches(signal) {
      for await (const pictures of loader.epoch({ samples: val, batchSize, signal })) {
        yield evaluated(pictures);
      }
    },
    skipped: () => skipped,
    close: () => loader.close(),
  };
}

function cropped(pictures: readonly Picture[], crops: readonly Crop[]): Batch {
  const photos = crops.map((crop, i) => ({ ...(pictures[i] as Picture), ...crop }));
  return batchOf(pictures, photos);
}

function batchOf(pictures: readonly Picture[], inputs: Inputs): Batch {
  return {
    ids: pictures.map(({ id }) => id),
    labels: Int32Array.from(pictures, ({ label }) => label),
    inputs,
  };
}
