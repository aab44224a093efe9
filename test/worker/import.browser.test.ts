/** The import worker as the page uses it: a real worker, a real IndexedDB, real decoders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/protocol/dataset.ts';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ImportApi, ImportProgress, ImportSource } from '../../src/protocol/import-api.ts';
import { createCaller, type Caller } from '../../src/protocol/rpc.ts';
import { png, undecodablePng } from '../support/pictures.ts';
import { makeZip, zipFile, type ZipFile, type ZipOptions } from '../support/zips.ts';

let worker: Worker;
let api: Caller<ImportApi>;

function start(): void {
  worker = new Worker(new URL('../../src/worker/import.worker.ts', import.meta.url), {
    type: 'module',
  });
  api = createCaller<ImportApi>(worker);
}

beforeEach(async () => {
  start();
  for (const { id } of await api.call('datasets.list', null)) {
    await api.call('datasets.delete', { id });
  }
});
afterEach(() => worker.terminate());

function importZip(files: ZipFile[], name = 'photos.zip', options?: ZipOptions): Promise<Dataset> {
  return importSource({ kind: 'zip', file: zipFile(files, name, options) });
}

function importSource(source: ImportSource): Promise<Dataset> {
  return api.call('datasets.import', { source });
}

/** `count` photos in each folder. */
function photos(folders: string[], count: number): ZipFile[] {
  return folders.flatMap((folder) =>
    Array.from({ length: count }, (_, i) => ({ name: `${folder}/${i}.png`, data: png(8, 6 + i) })),
  );
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await work.then(
    () => expect.fail('was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error.code;
}

/** Every record of every store, to see that nothing is left. */
async function records(): Promise<Record<string, number>> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('graft');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('open'));
  });
  const names = ['datasets', 'entries', 'packs'];
  const counts = await Promise.all(
    names.map(
      (name) =>
        new Promise<number>((resolve) => {
          const request = database.transaction(name).objectStore(name).count();
          request.onsuccess = () => resolve(request.result);
        }),
    ),
  );
  database.close();
  return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? -1]));
}

const nothing = { datasets: 0, entries: 0, packs: 0 };

describe('an import', () => {
  it('fills the store, and another worker finds it all', async () => {
    const files = photos(['top/train/苹果', 'top/train/梨', 'top/val/苹果', 'top/val/梨'], 3);
    files.push({ name: 'top/train/.DS_Store', data: 'x' });
    const events: ImportProgress[] = [];
    const dataset = await api.call(
      'datasets.import',
      { source: { kind: 'zip', file: zipFile(files.map(gbk), '水果.zip') } },
      { onEvent: (event) => events.push(event) },
    );
    expect(dataset).toMatchObject({
      name: '水果',
      classes: ['梨', '苹果'],
      counts: { train: 6, val: 6, test: 0 },
      classCounts: { train: [3, 3], val: [3, 3], test: [0, 0] },
      splitOrigin: 'folders',
      encoding: { used: 'gb18030', guessed: 'gb18030', matters: true },
      skipped: [{ name: 'top/train/.DS_Store', reason: 'litter' }],
    });
    expect(events[0]).toMatchObject({ stage: 'reading' });
    expect(events.at(-1)).toMatchObject({ stage: 'saving', done: 12, total: 12, skipped: 1 });

    worker.terminate();
    start();
    expect(await api.call('datasets.list', null)).toEqual([dataset]);
    const samples = await api.call('datasets.samples', { id: dataset.id });
    expect(samples).toHaveLength(12);
    expect(samples[4]).toEqual({
      id: 4,
      path: 'train/梨/1.png',
      label: 0,
      split: 'train',
      width: 8,
      height: 7,
    });
    const [blob] = await api.call('datasets.photos', { id: dataset.id, ids: [4] });
    expect(blob?.type).toBe('image/png');
    expect(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(png(8, 7));
  });

  it('reads the names again in another encoding, photos and split as they were', async () => {
    const dataset = await importZip(photos(['苹果', '梨'], 10).map(gbk));
    const before = await api.call('datasets.samples', { id: dataset.id });
    const changed = await api.call('datasets.setEncoding', { id: dataset.id, encoding: 'cp437' });
    expect(changed.encoding).toMatchObject({ used: 'cp437', guessed: 'gb18030' });
    expect(changed.classes).toEqual(['└µ', '╞╗╣√']);
    const after = await api.call('datasets.samples', { id: dataset.id });
    expect(after.map(({ id, split }) => [id, split])).toEqual(
      before.map(({ id, split }) => [id, split]),
    );
    const back = await api.call('datasets.setEncoding', { id: dataset.id, encoding: 'gb18030' });
    expect(back).toEqual(dataset);
  });

  it('takes a dropped folder', async () => {
    const files = photos(['fruit/pear', 'fruit/apple'], 5).map(({ name, data }) => ({
      path: String(name),
      file: new File([data as Uint8Array<ArrayBuffer>], 'any'),
    }));
    const dataset = await importSource({ kind: 'folder', name: 'fruit', files });
    expect(dataset).toMatchObject({
      name: 'fruit',
      classes: ['apple', 'pear'],
      counts: { train: 8, val: 2, test: 0 },
      splitOrigin: 'seeded',
      encoding: { matters: false },
    });
  });

  it('lists what is wrong with a photo, and goes on', async () => {
    const dataset = await importZip([
      ...photos(['a', 'b'], 4),
      { name: 'a/text.jpg', data: 'this is no photo' },
      { name: 'a/empty.jpg', data: '' },
      { name: 'a/torn.png', data: png(), crc: 1 },
      { name: 'a/pixels.png', data: undecodablePng() },
      { name: 'a/huge.png', data: undecodablePng(16_000, 16_000) },
      { name: 'a/scan.tif', data: 'II*\0 and so on' },
      { name: 'a/locked.png', data: png(), encrypted: true },
      { name: 'a/notes.txt', data: 'notes' },
      { name: 'a/../../evil.png', data: png() },
      { name: 'b/0.png', data: png() },
      { name: 'cover.png', data: png() },
      { name: 'Thumbs.db', data: 'x' },
    ]);
    expect(dataset.counts).toEqual({ train: 6, val: 2, test: 0 });
    const reasons = Object.fromEntries(dataset.skipped.map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      'a/text.jpg': 'text-named-image',
      'a/empty.jpg': 'empty',
      'a/torn.png': 'damaged',
      'a/pixels.png': 'undecodable',
      'a/huge.png': 'too-large',
      'a/scan.tif': 'unsupported-format',
      'a/locked.png': 'encrypted',
      'a/notes.txt': 'not-an-image',
      'a/../../evil.png': 'unsafe-name',
      'b/0.png': 'duplicate-name',
      'cover.png': 'outside-class-folder',
      'Thumbs.db': 'litter',
    });
  });

  it('is gone without a trace when it is deleted', async () => {
    const dataset = await importZip(photos(['a', 'b'], 2));
    expect(await records()).not.toEqual(nothing);
    await api.call('datasets.delete', { id: dataset.id });
    expect(await records()).toEqual(nothing);
    expect(await codeOf(api.call('datasets.samples', { id: dataset.id }))).toBe(
      'dataset-not-found',
    );
    const photo = api.call('datasets.photos', { id: dataset.id, ids: [0] });
    expect(await codeOf(photo)).toBe('dataset-not-found');
  });
});

describe('bad input', () => {
  const cases: [ErrorCode, string, () => Promise<Dataset>][] = [
    ['not-a-zip', 'a text', () => importSource(file(new TextEncoder().encode('hello')))],
    ['not-a-zip', 'an empty file', () => importSource(file(new Uint8Array(0)))],
    [
      'zip-truncated',
      'a zip cut off in the middle',
      () => {
        const whole = makeZip(photos(['a', 'b'], 4));
        return importSource(file(whole.slice(0, whole.length / 2)));
      },
    ],
    [
      'zip-encrypted',
      'an encrypted zip',
      () => importZip(photos(['a', 'b'], 2).map((entry) => ({ ...entry, encrypted: true }))),
    ],
    ['no-images', 'a zip without pictures', () => importZip([{ name: 'a/b.txt', data: 'text' }])],
    ['no-images', 'a zip of nothing', () => importZip([])],
    [
      'no-images',
      'a file that claims nothing',
      () => importZip([{ name: 'a/README', data: 'hi' }]),
    ],
    ['no-valid-images', 'texts named .jpg', () => importZip([{ name: 'a.jpg', data: 'text' }])],
    ['no-class-folders', 'photos in no folder', () => importZip([{ name: 'a.png', data: png() }])],
    ['one-class', 'a single class', () => importZip(photos(['root/cats'], 4))],
    ['too-few-photos', 'one photo a class', () => importZip(photos(['a', 'b'], 1))],
    ['no-train-split', 'validation only', () => importZip(photos(['val/a', 'val/b'], 2))],
  ];
  it.each(cases)('%s: %s', async (code, _, attempt) => {
    const kept = await importZip(photos(['a', 'b'], 2), 'kept.zip');
    const before = await records();
    expect(await codeOf(attempt())).toBe(code);
    expect(await records()).toEqual(before);
    expect(await api.call('datasets.list', null)).toEqual([kept]);
  });

  function file(bytes: Uint8Array<ArrayBuffer>): ImportSource {
    return { kind: 'zip', file: new File([bytes], 'bad.zip') };
  }
});

describe('an import that ends early', () => {
  it('leaves no record when it is cancelled', async () => {
    const stop = new AbortController();
    const running = api.call(
      'datasets.import',
      { source: { kind: 'zip', file: zipFile(photos(['a', 'b'], 400)) } },
      {
        signal: stop.signal,
        onEvent: ({ stage, done }) => stage === 'importing' && done > 0 && stop.abort(),
      },
    );
    expect(await codeOf(running)).toBe('cancelled');
    expect(await records()).toEqual(nothing);
  });

  it('is cleared away at the next start when its tab was closed', async () => {
    const { promise: underWay, resolve } = deferred();
    void api
      .call(
        'datasets.import',
        { source: { kind: 'zip', file: zipFile(photos(['a', 'b'], 1000)) } },
        { onEvent: ({ stage, done }) => stage === 'importing' && done > 300 && resolve() },
      )
      .catch(() => undefined);
    await underWay;
    worker.terminate();
    expect((await records())['datasets']).toBe(1);
    // The lock of a terminated worker is released a moment later.
    await expect
      .poll(async () => {
        start();
        await api.call('datasets.list', null);
        worker.terminate();
        return records();
      })
      .toEqual(nothing);
  });

  it('is left alone by a second tab while it goes on', async () => {
    const running = importZip(photos(['a', 'b'], 300));
    const other = new Worker(new URL('../../src/worker/import.worker.ts', import.meta.url), {
      type: 'module',
    });
    await createCaller<ImportApi>(other).call('datasets.list', null);
    other.terminate();
    const { id } = await running;
    expect(await api.call('datasets.samples', { id })).toHaveLength(600);
  });
});

it('says how much room there is', async () => {
  const { usageBytes, quotaBytes } = await api.call('storage.estimate', null);
  expect(quotaBytes).toBeGreaterThan(usageBytes);
});

function gbk(entry: ZipFile): ZipFile {
  return { ...entry, encoding: 'gb18030' };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
