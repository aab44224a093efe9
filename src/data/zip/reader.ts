/**
 * The bytes of a zip's entries, in the order in which they lie in the file: one pass of large
 * reads, an entry in memory at a time. An entry that is wrong costs itself and nothing else.
 */
import { Inflate } from 'fflate';
import type { SkipReason } from '../../protocol/dataset.ts';
import { crc32 } from './crc32.ts';
import type { ZipEntry } from './directory.ts';
import { FileWindow } from './window.ts';

const stored = 0;
const deflated = 8;
const localHeaderBytes = 30;
const localHeaderSignature = 0x04034b50;
/** Deflate expands 1032 times at most: what is fed at once bounds what comes out at once. */
const inflateStep = 64 * 2 ** 10;

/** Entries packed in other ways come as "unsupported-format". */
const zipMethods: readonly number[] = [stored, deflated];

export interface ReadOptions {
  maxBytes: number; // of one entry
  signal?: AbortSignal;
}

export interface ReadEntry {
  index: number; // into `entries`
  data: Uint8Array<ArrayBuffer> | SkipReason;
}

/** Reads the entries at `wanted`, and gives each as soon as it is there. */
export async function* readEntries(
  file: Blob,
  entries: readonly ZipEntry[],
  wanted: readonly number[],
  { maxBytes, signal }: ReadOptions,
): AsyncGenerator<ReadEntry> {
  const window = new FileWindow(file);
  const inOrder = wanted
    .flatMap((index) => {
      const entry = entries[index];
      return entry ? [{ index, entry }] : [];
    })
    .sort((a, b) => a.entry.offset - b.entry.offset);
  let free = 0; // where the last entry's data ended: entries that overlap are a bomb's trick
  for (const { index, entry } of inOrder) {
    signal?.throwIfAborted();
    const refused = refuse(entry, maxBytes);
    if (refused) {
      yield { index, data: refused };
      continue;
    }
    const start = entry.offset < free ? null : await dataStart(window, entry);
    if (start === null || start + entry.compressedSize > file.size) {
      yield { index, data: 'damaged' };
      continue;
    }
    free = start + entry.compressedSize;
    yield { index, data: (await readData(window, entry, start)) ?? 'damaged' };
  }
}

function refuse(entry: ZipEntry, maxBytes: number): SkipReason | null {
  if (entry.encrypted) return 'encrypted';
  if (!zipMethods.includes(entry.method)) return 'unsupported-format';
  if (entry.size === 0) return 'empty';
  if (entry.size > maxBytes) return 'too-large';
  return null;
}

/** The local header's name and extra field may be longer than the directory's: it has to be read. */
async function dataStart(window: FileWindow, { offset }: ZipEntry): Promise<number | null> {
  const header = await window.from(offset, localHeaderBytes);
  if (header.length < localHeaderBytes) return null;
  const view = new DataView(header.buffer, header.byteOffset, localHeaderBytes);
  if (view.getUint32(0, true) !== localHeaderSignature) return null;
  return offset + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

/** null where the data end early, do not inflate to their size, or fail their checksum. */
async function readData(
  window: FileWindow,
  entry: ZipEntry,
  start: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const target = new Uint8Array(entry.size);
  let filled = 0;
  const take = (chunk: Uint8Array): void => {
    target.set(chunk, filled); // throws a RangeError where the data are longer than they say
    filled += chunk.length;
  };
  const inflate = new Inflate(take);
  try {
    for (let done = 0; done < entry.compressedSize;) {
      const rest = entry.compressedSize - done;
      const held = (await window.from(start + done)).subarray(0, rest);
      if (held.length === 0) return null;
      if (entry.method === stored) take(held);
      else {
        for (let i = 0; i < held.length; i += inflateStep) {
          const step = held.subarray(i, i + inflateStep);
          inflate.push(step, done + i + step.length === entry.compressedSize);
        }
      }
      done += held.length;
    }
  } catch (error) {
    if (error instanceof DOMException) throw error; // the file went away while it was read
    return null;
  }
  return filled === entry.size && crc32(target) === entry.crc32 ? target : null;
}
