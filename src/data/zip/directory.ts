/**
 * A zip's table of contents, read by zip.js (zip64, data descriptors, prepended data, Unicode path
 * extra fields). Only the directory: the bytes are read by `reader.ts`. Names without the UTF-8
 * flag stay raw, since zip.js decides entry by entry and gets GBK wrong.
 * Format: PKWARE APPNOTE 6.3.
 */
import { BlobReader, ZipReader, type Entry } from '@zip.js/zip.js/lib/zip-core.js';
import { AppError } from '../../protocol/errors.ts';
import { rawName } from '../names/raw-name.ts';

export interface ZipEntry {
  /** Text, or one character a byte where the zip does not say the encoding (`raw`). */
  name: string;
  raw: boolean;
  encrypted: boolean;
  method: number; // 0 stored, 8 deflated
  offset: number; // of the local header
  compressedSize: number;
  size: number;
  crc32: number;
}

/** Bytes after the end record that are still searched: a truncated 10 GB zip must fail at once. */
const maxAppendedBytes = 2 ** 20;

/** Files only, in the directory's order. */
export async function readDirectory(file: Blob, name: string): Promise<ZipEntry[]> {
  let entries: Entry[];
  try {
    // `cp437` keeps zip.js from guessing: `filenameUTF8` then says what the zip says.
    entries = await new ZipReader(new BlobReader(file)).getEntries({
      strictness: 'tolerant',
      filenameValidation: 'tolerant',
      filenameEncoding: 'cp437',
      maxAppendedDataSize: maxAppendedBytes,
    });
  } catch (error) {
    throw await whyUnreadable(file, name, error);
  }
  return entries.filter((entry) => !isDirectory(entry)).map(toZipEntry);
}

function toZipEntry(entry: Entry): ZipEntry {
  // A flag that lies (GBK bytes marked as UTF-8) shows as replacement characters.
  const said = entry.filenameUTF8 && !entry.filename.includes('\ufffd');
  return {
    name: said ? entry.filename : rawName(entry.rawFilename),
    raw: !said,
    encrypted: entry.encrypted,
    method: entry.compressionMethod,
    offset: entry.offset,
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    crc32: entry.crc32 ?? 0,
  };
}

/** Zips written on Windows by naive tools end a folder's name with a backslash. */
function isDirectory(entry: Entry): boolean {
  return entry.directory || (entry.uncompressedSize === 0 && entry.filename.endsWith('\\'));
}

async function whyUnreadable(file: Blob, name: string, cause: unknown): Promise<AppError> {
  if (cause instanceof DOMException) throw cause; // the file itself could not be read
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const isZip =
    head[0] === 0x50 && head[1] === 0x4b && [0x03, 0x05, 0x07, 0x30].includes(head[2] ?? 0);
  if (!isZip) return new AppError('not-a-zip', { name }, { cause });
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (/encrypted/i.test(detail)) return new AppError('zip-encrypted', { name }, { cause });
  if (/split|64-bit/i.test(detail))
    return new AppError('zip-unsupported', { name, detail }, { cause });
  return new AppError('zip-truncated', { name }, { cause });
}
