/** The frozen backbone in several workers: the same numbers as in one, and no end that hangs. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetwork, type Network } from '../../src/model/network.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { FeaturesApi } from '../../src/protocol/features-api.ts';
import type { Handlers } from '../../src/protocol/rpc.ts';
import { ownExtractor, pooledExtractor } from '../../src/train/feature-extractor.ts';
import { createRandom } from '../../src/util/random.ts';
import { useBackend } from '../support/backends.ts';
import { createFakeServingWorker, type FakeServingWorker } from '../support/fake-serving-worker.ts';
import { seeded } from '../support/seeded.ts';
import { size, tinyBackbone } from './support.ts';

const count = 70; // three slices of 32
const pixels = Float32Array.from(seeded('pixels', [count, size, size, 3]));
const unaborted = new AbortController().signal;

let network: Network;
beforeAll(async () => {
  await useBackend('wasm');
  network = createNetwork(tinyBackbone, 3, createRandom(1));
});
afterAll(() => network.dispose());

/** A worker as `feature.worker.ts` is one, but for its thread. */
function handlers(): Handlers<FeaturesApi> {
  let mine: Network | null = null;
  return {
    open({ weights }) {
      mine = createNetwork(tinyBackbone, 1, createRandom(2));
      mine.loadStateDict(weights, { head: 'skip' });
      return null;
    },
    extract({ pixels, count }) {
      if (!mine) throw new Error('not opened');
      return ownExtractor(mine, size).extract(pixels, count);
    },
  };
}

async function pooled(options: {
  count?: number;
  make?: (place: number) => Partial<Handlers<FeaturesApi>>;
  signal?: AbortSignal;
}) {
  const workers: FakeServingWorker[] = [];
  const { count = 2, make = () => ({}), signal = unaborted } = options;
  const spawn = () => {
    const own = make(workers.length);
    const worker = createFakeServingWorker<FeaturesApi>({ ...handlers(), ...own });
    workers.push(worker);
    return worker;
  };
  const extractor = await pooledExtractor({
    network,
    imageSize: size,
    batchSize: 8,
    workers: { spawn, count },
    signal,
  });
  return { extractor, workers };
}

const never = () => new Promise<never>(() => undefined);

describe('pooledExtractor', () => {
  it('finds, to the last bit, what one thread finds', async () => {
    const alone = await ownExtractor(network, size).extract(pixels, count);
    const { extractor, workers } = await pooled({});
    const together = await extractor.extract(pixels, count);
    expect(workers).toHaveLength(2);
    expect(together).toEqual(alone);
    expect(together).toHaveLength(count * tinyBackbone.featureDim);
    expect(Math.max(...together)).toBeGreaterThan(0.01);
    extractor.close();
    expect(workers.every(({ terminated }) => terminated)).toBe(true);
  });

  it('asks for enough batches to keep every worker busy', async () => {
    const { extractor } = await pooled({ count: 4 });
    expect(extractor.ahead).toBeGreaterThan((4 * 2 * 32) / 8);
    extractor.close();
  });

  it('tries a slice again in a new worker when its own has died', async () => {
    const { extractor, workers } = await pooled({
      count: 1,
      make: (place) => (place === 0 ? { extract: never } : {}),
    });
    const features = extractor.extract(pixels, count);
    await expect.poll(() => workers.length).toBe(1);
    workers[0]?.crash('gone');
    const alone = await ownExtractor(network, size).extract(pixels, count);
    expect(await features).toEqual(alone);
    expect(workers).toHaveLength(2);
    extractor.close();
  });

  it('gives up where the new one dies too', async () => {
    const { extractor, workers } = await pooled({ count: 1, make: () => ({ extract: never }) });
    const features = extractor.extract(pixels, 3);
    const refused = expect(features).rejects.toMatchObject({
      code: 'worker-died',
      params: { worker: 'features', detail: 'gone' },
    });
    for (const place of [0, 1]) {
      await expect.poll(() => workers.length).toBe(place + 1);
      workers[place]?.crash('gone');
    }
    await refused;
    extractor.close();
  });

  it.each(['open', 'extract'] as const)('passes on what failed in %s', async (method) => {
    const full = new AppError('out-of-memory', { batchSize: 1, imageSize: size });
    const { extractor } = await pooled({ make: () => ({ [method]: () => Promise.reject(full) }) });
    await expect(extractor.extract(pixels, count)).rejects.toMatchObject({
      code: 'out-of-memory',
      params: { batchSize: 1, imageSize: size },
    });
    extractor.close();
  });

  it('rejects what is pending when closed, and drops what waits when cancelled', async () => {
    const closed = await pooled({ make: () => ({ extract: never }) });
    const features = closed.extractor.extract(pixels, count);
    closed.extractor.close();
    await expect(features).rejects.toMatchObject({ code: 'cancelled' });

    const stop = new AbortController();
    stop.abort();
    const cancelled = await pooled({ signal: stop.signal });
    await expect(cancelled.extractor.extract(pixels, count)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(cancelled.workers).toHaveLength(0);
    cancelled.extractor.close();
  });

  it('leaves no tensor behind in the thread that asks', async () => {
    const before = tf.memory().numTensors;
    const { extractor } = await pooled({ make: () => ({ ...stub }) });
    await extractor.extract(pixels, count);
    extractor.close();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Answers without a network. */
const stub: Handlers<FeaturesApi> = {
  open: () => null,
  extract: ({ count }) => new Float32Array(count * tinyBackbone.featureDim),
};
