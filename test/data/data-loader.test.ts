import { describe, expect, it } from 'vitest';
import { createDataLoader, type Picture } from '../../src/data/data-loader.ts';
import type { DecodePool } from '../../src/data/decode-pool.ts';
import type { Sample } from '../../src/protocol/dataset.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { createRandom } from '../../src/util/random.ts';

const samples = (n: number): Sample[] =>
  Array.from({ length: n }, (_, id) => ({
    id,
    path: `${id}.png`,
    label: id % 3,
    split: 'train',
    width: 300,
    height: 256,
  }));

const pictureBytes = 12;

/** Decodes by hand: `delay` in ms for a photo, errors by name. */
function setUp({
  cacheBytes = Infinity,
  delay = () => 0,
  fail = () => null,
}: {
  cacheBytes?: number;
  delay?: (name: string) => number;
  fail?: (name: string, attempt: number) => AppError | null;
} = {}) {
  const decoded: string[] = [];
  const skipped: string[] = [];
  const pool: DecodePool = {
    async decode(name, bytes, shorterSide, options) {
      decoded.push(name);
      const attempt = decoded.filter((other) => other === name).length;
      await new Promise((resolve) => setTimeout(resolve, delay(name)));
      if (options?.signal?.aborted) throw new AppError('cancelled', {});
      const error = fail(name, attempt);
      if (error) throw error;
      expect(await bytes.text()).toBe(name);
      expect([shorterSide, options?.interpolation]).toEqual([256, 'bicubic']);
      return {
        width: 2,
        height: 2,
        data: new Uint8Array(pictureBytes).fill(Number.parseInt(name)),
      };
    },
    close: () => undefined,
  };
  const loader = createDataLoader({
    source: { photo: async (id) => new Blob([`${id}.png`]) },
    pool,
    resize: 256,
    interpolation: 'bicubic',
    cacheBytes,
    onSkipped: (sample, error) => skipped.push(`${sample.path} ${error.code}`),
  });
  return { loader, decoded, skipped };
}

async function collect(batches: AsyncIterable<Picture[]>): Promise<number[][]> {
  const ids: number[][] = [];
  for await (const batch of batches) {
    for (const { id, label, data } of batch) expect([label, data[0]]).toEqual([id % 3, id]);
    ids.push(batch.map(({ id }) => id));
  }
  return ids;
}

const undecodable = (name: string) => new AppError('decode-failed', { name, detail: 'damaged' });

describe('createDataLoader', () => {
  it('keeps the order, whatever order the workers finish in', async () => {
    const { loader } = setUp({ delay: (name) => (Number.parseInt(name) * 7) % 5 });
    const batches = await collect(loader.epoch({ samples: samples(10), batchSize: 4 }));
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it('drops the last batch only when asked and only when it is short', async () => {
    const { loader } = setUp();
    const epoch = (n: number) =>
      collect(loader.epoch({ samples: samples(n), batchSize: 4, dropLast: true }));
    expect((await epoch(10)).map((batch) => batch.length)).toEqual([4, 4]);
    expect((await epoch(8)).map((batch) => batch.length)).toEqual([4, 4]);
  });

  it('shuffles as the random does, each photo once', async () => {
    const { loader } = setUp();
    const all = samples(20);
    const epoch = (seed: number) =>
      collect(loader.epoch({ samples: all, batchSize: 6, shuffle: createRandom(seed) }));
    const first = (await epoch(1)).flat();
    expect(first).toEqual(
      createRandom(1)
        .shuffle(all)
        .map(({ id }) => id),
    );
    expect((await epoch(1)).flat()).toEqual(first);
    expect((await epoch(2)).flat()).not.toEqual(first);
    expect(new Set(first).size).toBe(20);
  });

  it('leaves out what cannot be decoded, says so once, and fills the batch up', async () => {
    const { loader, skipped, decoded } = setUp({
      fail: (name) => (['1.png', '6.png'].includes(name) ? undecodable(name) : null),
    });
    const expected = [
      [0, 2, 3],
      [4, 5, 7],
    ];
    expect(await collect(loader.epoch({ samples: samples(8), batchSize: 3 }))).toEqual(expected);
    expect(await collect(loader.epoch({ samples: samples(8), batchSize: 3 }))).toEqual(expected);
    expect(skipped).toEqual(['1.png decode-failed', '6.png decode-failed']);
    expect(decoded.filter((name) => name === '1.png').length).toBe(1);
  });

  it('tries once more after a dead worker', async () => {
    const died = new AppError('worker-died', { worker: 'decode', detail: '' });
    const { loader } = setUp({
      fail: (name, attempt) => (name === '2.png' && attempt === 1 ? died : null),
    });
    expect(await collect(loader.epoch({ samples: samples(4), batchSize: 4 }))).toEqual([
      [0, 1, 2, 3],
    ]);
  });

  it('throws what is not the fault of a photo', async () => {
    const died = new AppError('worker-died', { worker: 'decode', detail: '' });
    const { loader, skipped } = setUp({ fail: () => died });
    await expect(collect(loader.epoch({ samples: samples(4), batchSize: 2 }))).rejects.toBe(died);
    expect(skipped).toEqual([]);
  });

  it('decodes two batches ahead and no more', async () => {
    const { loader, decoded } = setUp();
    const batches = loader.epoch({ samples: samples(40), batchSize: 5 })[Symbol.asyncIterator]();
    await batches.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(decoded.length).toBe(15);
    await batches.return?.();
  });

  it('keeps pictures until the budget is full, and those for good', async () => {
    const { loader, decoded } = setUp({ cacheBytes: 5 * pictureBytes + 3 });
    await collect(loader.epoch({ samples: samples(8), batchSize: 2 }));
    decoded.length = 0;
    await collect(loader.epoch({ samples: samples(8), batchSize: 2 }));
    expect(decoded).toEqual(['5.png', '6.png', '7.png']);
    loader.close();
    decoded.length = 0;
    await collect(loader.epoch({ samples: samples(8), batchSize: 2 }));
    expect(decoded.length).toBe(8);
  });

  it('stops on abort, between photos that are cached too', async () => {
    const { loader } = setUp();
    await collect(loader.epoch({ samples: samples(30), batchSize: 5 }));
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      const { signal } = controller;
      for await (const batch of loader.epoch({ samples: samples(30), batchSize: 5, signal })) {
        seen.push(...batch.map(({ id }) => id));
        controller.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('starts no decoding when aborted beforehand', async () => {
    const { loader, decoded } = setUp();
    const epoch = loader.epoch({ samples: samples(9), batchSize: 3, signal: AbortSignal.abort() });
    await expect(collect(epoch)).rejects.toMatchObject({ code: 'cancelled' });
    expect(decoded).toEqual([]);
  });

  it('gives nothing for nothing', async () => {
    expect(await collect(setUp().loader.epoch({ samples: [], batchSize: 3 }))).toEqual([]);
  });
});
