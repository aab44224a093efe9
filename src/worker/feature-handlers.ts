/**
 * The frozen backbone in a thread of its own, on TF.js's WASM backend. Slices are taken one after
 * the other: two at once would only share the core and hold twice the memory.
 */
import { openWasm } from '../device/wasm.ts';
import type { Backbone } from '../model/graph.ts';
import { createNetwork } from '../model/network.ts';
import type { BackboneName } from '../protocol/backbone.ts';
import { AppError } from '../protocol/errors.ts';
import type { FeaturesApi } from '../protocol/features-api.ts';
import type { Handlers } from '../protocol/rpc.ts';
import { ownExtractor, type FeatureExtractor } from '../train/feature-extractor.ts';
import { createRandom } from '../util/random.ts';
import { asRunError } from './run-error.ts';

export function featureHandlers(
  backbones: Readonly<Record<BackboneName, Backbone>>,
): Handlers<FeaturesApi> {
  let opened: { extractor: FeatureExtractor; imageSize: number } | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  return {
    open({ backbone, weights, imageSize }) {
      return inMemory(imageSize, async () => {
        await openWasm();
        const network = createNetwork(backbones[backbone], 1, createRandom(0));
        network.loadStateDict(weights, { head: 'skip' });
        opened = { extractor: ownExtractor(network, imageSize), imageSize };
        return null;
      });
    },

    extract({ pixels, count }, { transfer }) {
      const mine = turn.then(() => {
        if (!opened) throw new AppError('internal', { detail: 'extract before open' });
        const { extractor, imageSize } = opened;
        return inMemory(imageSize, async () => {
          const features = await extractor.extract(pixels, count);
          transfer(features.buffer);
          return features;
        });
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Out of memory is said of one photo: a smaller batch would not help, its slices are small. */
async function inMemory<T>(imageSize: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = asRunError(thrown, { batchSize: 1, imageSize });
    if (error.code !== 'out-of-memory') throw error;
    throw new AppError('out-of-memory', { batchSize: 1, imageSize }, { cause: thrown });
  }
}
