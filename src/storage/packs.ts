/**
 * Photos, in packs of up to 256 in one Blob: a record a photo makes IndexedDB four times slower to
 * fill and a hundred times slower to list. The index says where each photo lies; it is a handful
 * of typed arrays by photo id, so that 50,000 photos cost one small read.
 */
import { get, set } from 'idb-keyval';
import { AppError } from '../protocol/errors.ts';
import { store } from './database.ts';
import { needing } from './quota.ts';

const photosPerPack = 256;
const packBytes = 32 * 2 ** 20; // a pack is held in memory while it grows
const notKept = 0xffffffff;

export interface PackIndex {
  version: 1;
  mimes: string[];
  pack: Uint32Array; // by photo id; `notKept` where there is none
  offset: Uint32Array;
  length: Uint32Array;
  mime: Uint8Array; // into `mimes`
}

export interface PackWriter {
  /** Takes the photo into the growing pack; resolves later only while a full one is written. */
  add(id: number, photo: Blob): Promise<void>;
  /** Writes what is left, and returns the index for `saveDataset`. */
  finish(): Promise<PackIndex>;
}

/** `ids`: one more than the largest photo id. */
export function createPackWriter(datasetId: string, ids: number): PackWriter {
  const index: PackIndex = {
    version: 1,
    mimes: [],
    pack: new Uint32Array(ids).fill(notKept),
    offset: new Uint32Array(ids),
    length: new Uint32Array(ids),
    mime: new Uint8Array(ids),
  };
  let pack = 0;
  let photos: Blob[] = [];
  let size = 0;

  const flush = async (): Promise<void> => {
    if (photos.length === 0) return;
    const blob = new Blob(photos);
    const key = [datasetId, pack++];
    photos = [];
    size = 0;
    try {
      await set(key, blob, store('packs'));
    } catch (error) {
      throw needing(blob.size, error);
    }
  };

  return {
    async add(id, photo) {
      const full = photos.length === photosPerPack || size + photo.size > packBytes;
      const writing = full ? flush() : null; // the pack number below is the next one's already
      index.pack[id] = pack;
      index.offset[id] = size;
      index.length[id] = photo.size;
      if (!index.mimes.includes(photo.type)) index.mimes.push(photo.type);
      index.mime[id] = index.mimes.indexOf(photo.type);
      photos.push(photo);
      size += photo.size;
      await writing;
    },
    async finish() {
      await flush();
      return index;
    },
  };
}

export interface PackReader {
  /** The stored bytes of one photo, typed; a slice of its pack, read when it is used. */
  photo(id: number): Promise<Blob>;
  photos(ids: readonly number[]): Promise<Blob[]>;
}

/** Opens a dataset's photos; the handles of its packs are kept, their bytes are not. */
export async function openPacks(datasetId: string): Promise<PackReader> {
  const index = await get<PackIndex>([datasetId, 'index'], store('packs'));
  if (!index) throw new AppError('dataset-not-found', { id: datasetId });
  const packs = new Map<number, Promise<Blob>>();

  const load = async (number: number): Promise<Blob> => {
    const blob = await get<Blob>([datasetId, number], store('packs'));
    if (!blob) throw new AppError('dataset-not-found', { id: datasetId });
    return blob;
  };
  const photo = async (id: number): Promise<Blob> => {
    const number = index.pack[id] ?? notKept;
    if (number === notKept) {
      throw new AppError('internal', { detail: `no photo ${id} in dataset ${datasetId}` });
    }
    let pack = packs.get(number);
    if (!pack) {
      pack = load(number);
      packs.set(number, pack);
      pack.catch(() => packs.delete(number));
    }
    const start = index.offset[id] ?? 0;
    const type = index.mimes[index.mime[id] ?? 0] ?? '';
    return (await pack).slice(start, start + (index.length[id] ?? 0), type);
  };
  return { photo, photos: (ids) => Promise.all(ids.map(photo)) };
}
