/** An import, top to bottom: source → names → photos → packs → what was understood → manifest. */
import { openFolder, openZip, type Archive } from '../data/image-folder/archive.ts';
import { entryRecords } from '../data/image-folder/entry-records.ts';
import { understand } from '../data/image-folder/understand.ts';
import { guessEncoding } from '../data/names/guess-encoding.ts';
import type { Dataset, NameEncoding } from '../protocol/dataset.ts';
import { AppError } from '../protocol/errors.ts';
import type { ImportApi, ImportProgress, ImportSource } from '../protocol/import-api.ts';
import type { HandlerContext } from '../protocol/rpc.ts';
import {
  getDataset,
  getEntryTable,
  importing,
  replaceDataset,
  saveDataset,
} from '../storage/datasets.ts';
import { createPackWriter } from '../storage/packs.ts';
import { storePhotos } from './store-photos.ts';

const progressMs = 100;
/** More than this is not read in vain: an archive whose folders cannot be right is refused first. */
const readInVainBytes = 64 * 2 ** 20;

type Context = Pick<HandlerContext<ImportProgress>, 'signal' | 'emit'>;

export async function importDataset(
  { source, encoding, splitSeed = 0 }: ImportApi['datasets.import']['params'],
  { signal, emit }: Context,
): Promise<Dataset> {
  const started = performance.now();
  const progress = createProgress(emit);
  const archive = await openSource(source, signal);
  const guessed = guessEncoding(archive.entries.flatMap(({ name, raw }) => (raw ? [name] : [])));
  const used = encoding ?? guessed;
  const records = entryRecords(archive.entries, used);
  const understood = () => understand(records, { name: archive.name, encoding: used, splitSeed });

  const wanted = records.flatMap(({ skipped }, index) => (skipped === null ? [index] : []));
  const wantedBytes = wanted.reduce((sum, i) => sum + (archive.entries[i]?.size ?? 0), 0);
  if (wanted.length === 0 || wantedBytes > readInVainBytes) understood();

  const id = newId();
  return importing(id, async () => {
    progress.begin(wanted.length, wantedBytes, records.length - wanted.length);
    const writer = createPackWriter(id, records.length);
    await storePhotos({
      archive,
      records,
      wanted,
      writer,
      signal,
      onPhoto: (index, bytes) => progress.photo(bytes, records[index]?.skipped !== null),
    });
    progress.saving();
    const { manifest, samples, namesMatter } = understood();
    const index = await writer.finish();
    signal.throwIfAborted();
    const dataset: Dataset = {
      version: 1,
      id,
      name: archive.name.replace(/\.zip$/i, '').normalize('NFC'),
      createdAt: Date.now(),
      source: { kind: source.kind, name: archive.name, bytes: archive.bytes },
      ...manifest,
      splitSeed,
      encoding: { used, guessed, matters: namesMatter },
      importMs: Math.round(performance.now() - started),
    };
    await saveDataset(dataset, samples, { version: 1, entries: records }, index);
    return dataset;
  });
}

/** The names read in another encoding; photos and split stay. Throws, and changes nothing, where that makes no dataset. */
export async function setEncoding(id: string, encoding: NameEncoding): Promise<Dataset> {
  const dataset = await getDataset(id);
  const { entries } = await getEntryTable(id);
  const { name } = dataset.source;
  const options = { name, encoding, splitSeed: dataset.splitSeed };
  const { manifest, samples } = understand(entries, options);
  const changed = { ...dataset, ...manifest, encoding: { ...dataset.encoding, used: encoding } };
  await replaceDataset(changed, samples);
  return changed;
}

async function openSource(source: ImportSource, signal: AbortSignal): Promise<Archive> {
  switch (source.kind) {
    case 'zip':
      return openZip(source.file, source.file.name);
    case 'folder':
      return openFolder(source.files, source.name);
    case 'sample': {
      const response = await fetch(`${import.meta.env.BASE_URL}sample/sample.zip`, { signal });
      if (!response.ok) {
        throw new AppError('internal', { detail: `sample.zip: HTTP ${response.status}` });
      }
      return openZip(await response.blob(), 'sample.zip');
    }
  }
}

/** `crypto.randomUUID` wants a secure context, which a laptop in the same network is not. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Progress {
  begin(total: number, bytesTotal: number, skipped: number): void;
  photo(bytes: number, skipped: boolean): void;
  saving(): void;
}

/** About ten events a second, and one at each change of stage. */
function createProgress(emit: (event: ImportProgress) => void): Progress {
  const now: ImportProgress = {
    stage: 'reading',
    done: 0,
    total: 0,
    bytesDone: 0,
    bytesTotal: 0,
    skipped: 0,
  };
  let last = 0;
  const send = (): void => {
    last = performance.now();
    emit({ ...now });
  };
  send();
  return {
    begin(total, bytesTotal, skipped) {
      Object.assign(now, { stage: 'importing', total, bytesTotal, skipped });
      send();
    },
    photo(bytes, skipped) {
      now.done += 1;
      now.bytesDone += bytes;
      if (skipped) now.skipped += 1;
      if (performance.now() - last >= progressMs) send();
    },
    saving() {
      now.stage = 'saving';
      send();
    },
  };
}
