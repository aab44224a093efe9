/** Where photos come from: a zip or a dropped folder, seen alike. */
import type { SkipReason } from '../../protocol/dataset.ts';
import type { FolderFile } from '../../protocol/import-api.ts';
import { compareCodePoints } from '../names/path.ts';
import { readDirectory } from '../zip/directory.ts';
import { readEntries } from '../zip/reader.ts';
import { maxPhotoBytes } from './sniff.ts';

export interface ArchiveEntry {
  name: string;
  raw: boolean; // one character a byte, encoding unknown (`names/raw-name`)
  size: number;
}

export interface Archive {
  name: string;
  bytes: number; // of the zip, or of all files
  entries: readonly ArchiveEntry[];
  /** Each wanted entry's bytes, or why there are none; in the order that reads fastest. */
  read(wanted: readonly number[], signal: AbortSignal): AsyncIterable<ArchiveRead>;
}

export interface ArchiveRead {
  index: number;
  data: Uint8Array<ArrayBuffer> | SkipReason;
}

export async function openZip(file: Blob, name: string): Promise<Archive> {
  const entries = await readDirectory(file, name);
  return {
    name,
    bytes: file.size,
    entries,
    read: (wanted, signal) =>
      readEntries(file, entries, wanted, { maxBytes: maxPhotoBytes, signal }),
  };
}

/** Sorted by path: browsers list a folder in no order that can be relied on. */
export function openFolder(dropped: readonly FolderFile[], name: string): Archive {
  const files = [...dropped].sort((a, b) => compareCodePoints(a.path, b.path));
  return {
    name,
    bytes: files.reduce((sum, { file }) => sum + file.size, 0),
    entries: files.map(({ path, file }) => ({ name: path, raw: false, size: file.size })),
    async *read(wanted, signal) {
      for (const index of wanted) {
        signal.throwIfAborted();
        const file = files[index]?.file;
        if (file) yield { index, data: await readFile(file) };
      }
    },
  };
}

async function readFile(file: File): Promise<Uint8Array<ArrayBuffer> | SkipReason> {
  if (file.size === 0) return 'empty';
  if (file.size > maxPhotoBytes) return 'too-large';
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return 'damaged'; // moved, changed or not readable since it was dropped
  }
}
