import { describe, expect, it } from 'vitest';
import type { DecodePool } from '../../src/data/decode-pool.ts';
import type { Sample } from '../../src/protocol/dataset.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import type { Augmentation } from '../../src/protocol/run.ts';
import { resample } from '../../src/data/resize/resample.ts';
import { normalizeInto, normalizeTable } from '../../src/data/transforms/normalize.ts';
import { createRandom } from '../../src/util/random.ts';
import { createPhotos, preprocessingFor } from '../../src/worker/photo-source.ts';
import { someRun } from '../storage/support.ts';
import { noisePicture } from '../support/noise.ts';

const never = new AbortController().signal;
const samples: Sample[] = [0, 1, 2, 3, 4, 5, 6, 7].map((id) => ({
  id,
  path: `${id}.png`,
  label: id % 2,
  split: id < 5 ? 'train' : 'val',
  width: 9,
  height: 9,
}));

/** Photo 2 cannot be read; every other one is noise of its own. */
const pool: DecodePool = {
  decode: (name) => {
    const id = Number.parseInt(name);
    return id === 2
      ? Promise.reject(new AppError('decode-failed', { name, detail: '' }))
      : Promise.resolve(noisePicture([9, 9], id));
  },
  close: () => undefined,
};

function photos(augment: Augmentation = 'course', onDevice = false) {
  const config = { ...defaultRunConfig('d'), imageSize: 8, batchSize: 2, augment };
  const preprocessing = preprocessingFor(someRun('r').preprocessing, config.imageSize);
  return createPhotos({
    samples,
    photo: () => Promise.resolve(new Blob([])),
    pool,
    preprocessing,
    config,
    onDevice,
  });
}

async function all<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe('preprocessingFor', () => {
  it('keeps the ratio of resize to crop', () => {
    const base = someRun('r').preprocessing;
    expect(preprocessingFor(base, 224)).toEqual(base);
    expect(preprocessingFor(base, 64)).toEqual({ ...base, resize: 73, crop: 64 });
  });
});

describe('photos', () => {
  it('come in their own order for validation', async () => {
    const source = photos();
    expect(source).toMatchObject({ trainCount: 5, valCount: 3, imageSize: 8 });
    const batches = await all(source.valBatches(never));
    expect(batches.map(({ ids }) => ids)).toEqual([[5, 6], [7]]);
    expect(batches.map(({ labels }) => [...labels])).toEqual([[1, 0], [1]]);
    expect(batches[0]?.inputs).toHaveLength(2 * 8 * 8 * 3);
  });

  it('come shuffled and augmented for training, by the seed alone', async () => {
    const epochs = [];
    for (const seed of [1, 1, 2]) {
      const batches = await all(photos().trainBatches(createRandom(seed), never));
      expect(batches.flatMap(({ ids }) => ids).sort()).toEqual([0, 1, 3, 4]);
      epochs.push(batches);
    }
    expect(epochs[0]).toEqual(epochs[1]);
    expect(epochs[0]?.[0]?.inputs).not.toEqual(epochs[2]?.[0]?.inputs);
  });

  it('give several views of each, unlike each other where augmented', async () => {
    for (const [augment, same] of [
      ['course', false],
      ['none', true],
    ] as const) {
      const batches = await all(photos(augment).viewBatches(2, createRandom(1), never));
      expect(batches.map(({ ids, view }) => [view, ...ids])).toEqual([
        [0, 0, 1],
        [1, 0, 1],
        [0, 3, 4],
        [1, 3, 4],
      ]);
      expect(String(batches[0]?.inputs) === String(batches[1]?.inputs)).toBe(same);
    }
  });

  it('come whole, with the same crops, where the GPU makes pictures of them', async () => {
    const made = await all(photos('course', false).trainBatches(createRandom(1), never));
    const whole = await all(photos('course', true).trainBatches(createRandom(1), never));
    expect(whole.map(({ ids }) => ids)).toEqual(made.map(({ ids }) => ids));
    const table = normalizeTable(someRun('r').preprocessing);
    for (const [n, { inputs }] of whole.entries()) {
      if (inputs instanceof Float32Array) expect.fail('pictures where photos were asked for');
      const pixels = new Float32Array(inputs.length * 8 * 8 * 3);
      for (const [i, { region, flip, ...photo }] of inputs.entries()) {
        const { interpolation } = someRun('r').preprocessing;
        const crop = resample({ ...photo, channels: 3 }, region, 8, 8, interpolation);
        normalizeInto(crop, 8, flip, table, pixels, i * crop.length);
      }
      expect(pixels).toEqual(made[n]?.inputs);
    }
  });

  it('name the one that cannot be read, once', async () => {
    const source = photos();
    await all(source.trainBatches(createRandom(1), never));
    await all(source.trainBatches(createRandom(2), never));
    expect(source.skipped()).toEqual(['2.png']);
  });
});
