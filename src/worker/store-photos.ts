/**
 * The middle of an import: every candidate's bytes are read, looked at, decoded once to know that
 * they decode, and packed. What is wrong with a photo is written into its record and stops nothing.
 */
import type { Archive } from '../data/image-folder/archive.ts';
import { claimOf } from '../data/image-folder/litter.ts';
import { sniff } from '../data/image-folder/sniff.ts';
import type { SkipReason } from '../protocol/dataset.ts';
import type { EntryRecord } from '../protocol/entry-table.ts';
import type { PackWriter } from '../storage/packs.ts';

/** Decoders at work at once, and the pixels they may hold: 4 bytes each. */
const lanes = Math.min(Math.max(navigator.hardwareConcurrency, 2), 8);
const pixelsInFlight = 64e6;

export interface StoreOptions {
  archive: Archive;
  records: EntryRecord[]; // filled in
  wanted: readonly number[]; // indices of the candidates
  writer: PackWriter;
  signal: AbortSignal;
  onPhoto(index: number, bytes: number): void; // one candidate is dealt with
}

export async function storePhotos(options: StoreOptions): Promise<void> {
  const { archive, records, wanted, writer, signal, onPhoto } = options;
  const pending = new Set<Promise<void>>();
  let pixels = 0;

  const keep = async (record: EntryRecord, index: number, photo: Blob): Promise<void> => {
    const size = await decodedSize(photo);
    if (!size) record.skipped = 'undecodable';
    else {
      Object.assign(record, size, { bytes: photo.size });
      signal.throwIfAborted();
      await writer.add(index, photo);
    }
    onPhoto(index, photo.size);
  };

  try {
    for await (const { index, data } of archive.read(wanted, signal)) {
      const record = records[index];
      if (!record) continue;
      const checked = check(record, data);
      if ('skipped' in checked) {
        record.skipped = checked.skipped;
        onPhoto(index, archive.entries[index]?.size ?? 0);
        continue;
      }
      const cost = checked.pixels;
      while (pending.size >= lanes || (pending.size > 0 && pixels + cost > pixelsInFlight)) {
        await Promise.race(pending);
      }
      pixels += cost;
      const work = keep(record, index, checked.photo).finally(() => {
        pending.delete(work);
        pixels -= cost;
      });
      work.catch(() => undefined); // is looked at below; until then it is not "unhandled"
      pending.add(work);
    }
    await Promise.all(pending);
  } finally {
    // Nothing may still write when a failed import is cleared away.
    await Promise.allSettled(pending);
  }
}

type Checked = { photo: Blob; pixels: number } | { skipped: SkipReason };

function check(record: EntryRecord, data: Uint8Array<ArrayBuffer> | SkipReason): Checked {
  if (typeof data === 'string') return { skipped: data };
  const sniffed = sniff(data);
  if ('skipped' in sniffed) {
    // A file without an extension never said that it was a picture.
    const silent = sniffed.skipped === 'text-named-image' && claimOf(record.name) === 'unknown';
    return { skipped: silent ? 'not-an-image' : sniffed.skipped };
  }
  const photo = new Blob([data], { type: sniffed.mime });
  return { photo, pixels: sniffed.width * sniffed.height };
}

/** As shown, EXIF orientation applied; null where the browser's decoder refuses the photo. */
async function decodedSize(photo: Blob): Promise<{ width: number; height: number } | null> {
  try {
    const bitmap = await createImageBitmap(photo);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return null;
  }
}
