/** Real feature workers, with a real backbone: every core finds what one finds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { createNetwork, type Network } from '../../src/model/network.ts';
import { ownExtractor, pooledExtractor } from '../../src/train/feature-extractor.ts';
import { createRandom } from '../../src/util/random.ts';
import { useBackend } from '../support/backends.ts';
import { seeded } from '../support/seeded.ts';

const imageSize = 96;
const count = 45; // two slices, the second one short
const pixels = Float32Array.from(seeded('pixels', [count, imageSize, imageSize, 3]));
const spawn = () =>
  new Worker(new URL('../../src/worker/feature.worker.ts', import.meta.url), { type: 'module' });

let network: Network;
beforeAll(async () => {
  await useBackend('wasm');
  network = createNetwork(backbones.efficientnet_lite0, 3, createRandom(1));
});
afterAll(() => network.dispose());

const open = (signal = new AbortController().signal) =>
  pooledExtractor({ network, imageSize, batchSize: 32, workers: { spawn, count: 2 }, signal });

describe('feature workers', () => {
  it('find the same numbers, to the last bit', async () => {
    const alone = await ownExtractor(network, imageSize).extract(pixels, count);
    const extractor = await open();
    expect(await extractor.extract(pixels, count)).toEqual(alone);
    expect(alone).toHaveLength(count * 1280);
    extractor.close();
  });

  it('reject what they have in hand when closed', async () => {
    const extractor = await open();
    const features = extractor.extract(pixels, count);
    setTimeout(() => extractor.close(), 100);
    await expect(features).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('say out of memory of a photo, not of a batch', async () => {
    const extractor = await pooledExtractor({
      network,
      imageSize: 6_000,
      batchSize: 32,
      workers: { spawn, count: 1 },
      signal: new AbortController().signal,
    });
    await expect(extractor.extract(new Float32Array(6_000 * 6_000 * 3), 1)).rejects.toMatchObject({
      code: 'out-of-memory',
      params: { batchSize: 1, imageSize: 6_000 },
    });
    extractor.close();
  });
});
