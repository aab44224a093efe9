import { get, set, setMany } from 'idb-keyval';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import type { Dataset } from '../../src/protocol/dataset.ts';
import { keysOf, store, transaction } from '../../src/storage/database.ts';
import {
  deleteDataset,
  getDataset,
  importing,
  listDatasets,
  saveDataset,
} from '../../src/storage/datasets.ts';
import { createPackWriter, openPacks } from '../../src/storage/packs.ts';

afterEach(() => vi.restoreAllMocks());

const dataset = (id: string): Dataset => ({
  version: 1,
  id,
  name: id,
  createdAt: 1,
  source: { kind: 'zip', name: id, bytes: 0 },
  classes: [],
  counts: { train: 0, val: 0, test: 0 },
  classCounts: { train: [], val: [], test: [] },
  splitOrigin: 'folders',
  splitSeed: 0,
  encoding: { used: 'utf-8', guessed: 'utf-8', matters: false },
  skipped: [],
  bytes: 0,
  importMs: 0,
});

async function put(id: string, photos: readonly (Blob | null)[]): Promise<void> {
  const writer = createPackWriter(id, photos.length);
  for (const [i, photo] of photos.entries()) if (photo) await writer.add(i, photo);
  await saveDataset(dataset(id), [], { version: 1, entries: [] }, await writer.finish());
}

async function packCount(id: string): Promise<number> {
  const count = await store('packs')('readonly', (packs) => {
    const request = packs.count(keysOf(id));
    return new Promise<number>((done) => (request.onsuccess = () => done(request.result)));
  });
  return count - 1; // the index
}

describe('packs', () => {
  it('give back each photo with its type, across packs and gaps', async () => {
    const photos = Array.from({ length: 600 }, (_, i) =>
      i % 7 === 3 ? null : new Blob([`photo ${i}`], { type: i % 2 ? 'image/png' : 'image/jpeg' }),
    );
    await put('many', photos);
    expect(await packCount('many')).toBe(3); // 514 photos
    const reader = await openPacks('many');
    const ids = photos.flatMap((photo, id) => (photo ? [id] : [])).reverse();
    const found = await reader.photos(ids);
    expect(await Promise.all(found.map((blob) => blob.text()))).toEqual(
      ids.map((id) => `photo ${id}`),
    );
    expect((await reader.photo(1)).type).toBe('image/png');
    await expect(reader.photo(3)).rejects.toMatchObject({ code: 'internal' });
    await deleteDataset('many');
    await expect(openPacks('many')).rejects.toMatchObject({ code: 'dataset-not-found' });
  });

  it('are cut by bytes too, so that large photos do not pile up in memory', async () => {
    const large = new Blob([new Uint8Array(12 * 2 ** 20)]);
    await put('large', [large, large, large, large, large]);
    expect(await packCount('large')).toBe(3);
    expect((await (await openPacks('large')).photo(4)).size).toBe(large.size);
    await deleteDataset('large');
  });

  it('of one dataset stay when another is deleted', async () => {
    await put('a', [new Blob(['a'])]);
    await put('ab', [new Blob(['ab'])]);
    await deleteDataset('a');
    expect(await (await (await openPacks('ab')).photo(0)).text()).toBe('ab');
    await deleteDataset('ab');
  });
});

describe('a full disk', () => {
  const full = (): never => {
    throw new DOMException('full', 'QuotaExceededError');
  };

  it('ends an import with its own error, and nothing stays', async () => {
    const before = await listDatasets(); // of other tests in this browser
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    const work = importing('full', async () => {
      const writer = createPackWriter('full', 1);
      await writer.add(0, new Blob([new Uint8Array(1000)]));
      put.mockImplementation(full);
      await writer.finish();
    });
    const error: unknown = await work.catch((reason: unknown) => reason);
    put.mockRestore();
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'quota-exceeded', params: { neededBytes: 1000 } });
    expect(await listDatasets()).toEqual(before);
    expect(await get('full', store('datasets'))).toBeUndefined();
  });

  it('is told from a transaction that the browser aborts', async () => {
    const failing = store('runs')('readwrite', (runs) => {
      runs.put(1, 'key');
      runs.transaction.abort();
      return Promise.reject<undefined>(null);
    });
    await expect(failing).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await get('key', store('runs'))).toBeUndefined();
  });
});

describe('transactions', () => {
  it('write all or nothing, over several stores', async () => {
    const half = transaction(['runs', 'caches'], (objectStore) => {
      objectStore('runs').put(1, 'half');
      objectStore('caches').put(() => 1, 'half'); // a function cannot be cloned
    });
    await expect(half).rejects.toBeDefined();
    expect(await get('half', store('runs'))).toBeUndefined();
  });

  it('work with idb-keyval in both durabilities, on a database opened once', async () => {
    await set('x', 1, store('checkpoints', 'strict'));
    await setMany([['y', 2]], store('checkpoints', 'strict'));
    expect(await get('x', store('checkpoints'))).toBe(1);
    await transaction(['checkpoints'], (objectStore) => objectStore('checkpoints').clear());
    expect(await get('y', store('checkpoints'))).toBeUndefined();
  });

  it('open the database again after another tab made it close', async () => {
    await set('x', 1, store('caches'));
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase('graft'); // sends versionchange to every connection
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error ?? new Error('delete'));
    });
    expect(await get('x', store('caches'))).toBeUndefined();
    await expect(getDataset('none')).rejects.toMatchObject({ code: 'dataset-not-found' });
  });
});
