/** Zips of every kind that people have, and some that nobody should: for tests, in any runtime. */
import { deflateSync } from 'fflate';
import type { NameEncoding } from '../../src/protocol/dataset.ts';

export interface ZipFile {
  name: string | Uint8Array;
  data?: Uint8Array | string;
  /** Of a text name; 'utf-8' with the flag unless `flag` says no. */
  encoding?: NameEncoding;
  flag?: boolean;
  method?: 'stored' | 'deflated' | number;
  encrypted?: boolean;
  dataDescriptor?: boolean;
  zip64?: boolean;
  /** The 0x7075 Unicode path extra field. */
  unicodePath?: string;
  crc?: number; // a wrong one
  size?: number; // a wrong one
}

export interface ZipOptions {
  prepend?: Uint8Array; // a self-extractor's program
  zip64?: boolean; // the end record
}

export function makeZip(
  files: readonly ZipFile[],
  options: ZipOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = options.prepend ? [options.prepend] : [];
  let offset = options.prepend?.length ?? 0;
  const push = (part: Uint8Array): void => {
    parts.push(part);
    offset += part.length;
  };
  const directory: Uint8Array[] = [];
  for (const file of files) {
    const entry = encodeEntry(file);
    directory.push(centralHeader(entry, offset));
    push(localHeader(entry));
    push(entry.packed);
    if (entry.descriptor) push(entry.descriptor);
  }
  const start = offset;
  for (const header of directory) push(header);
  push(endRecords(files.length, offset - start, start, options.zip64 ?? false));
  return join(parts);
}

/** As a `File`, with a name. */
export function zipFile(
  files: readonly ZipFile[],
  name = 'photos.zip',
  options?: ZipOptions,
): File {
  return new File([makeZip(files, options)], name);
}

interface Encoded {
  name: Uint8Array;
  flags: number;
  method: number;
  crc: number;
  size: number;
  packed: Uint8Array;
  descriptor: Uint8Array | null;
  localExtra: Uint8Array;
  centralExtra: (offset: number) => Uint8Array;
  zip64: boolean;
}

function encodeEntry(file: ZipFile): Encoded {
  const encoding = file.encoding ?? 'utf-8';
  const name = typeof file.name === 'string' ? encodeText(file.name, encoding) : file.name;
  const flagged = file.flag ?? (typeof file.name === 'string' && encoding === 'utf-8');
  const data = typeof file.data === 'string' ? new TextEncoder().encode(file.data) : file.data;
  const raw = data ?? new Uint8Array(0);
  const method = methodOf(file.method);
  const packed = method === 8 ? deflateSync(raw) : raw;
  const crc = file.crc ?? crc32(raw);
  const size = file.size ?? raw.length;
  const zip64 = file.zip64 ?? false;
  const path = file.unicodePath === undefined ? [] : [unicodePath(file.unicodePath, name)];
  const long = (values: number[]): Uint8Array[] => (zip64 ? [zip64Extra(values)] : []);
  return {
    name,
    flags: (file.encrypted ? 1 : 0) | (file.dataDescriptor ? 8 : 0) | (flagged ? 0x800 : 0),
    method,
    crc,
    size,
    packed,
    descriptor: file.dataDescriptor
      ? fields([4, 0x08074b50], [4, crc], [4, packed.length], [4, size])
      : null,
    localExtra: join([...long([size, packed.length]), ...path]),
    centralExtra: (offset) => join([...long([size, packed.length, offset]), ...path]),
    zip64,
  };
}

function methodOf(method: ZipFile['method']): number {
  if (typeof method === 'number') return method;
  return method === 'deflated' ? 8 : 0;
}

function localHeader(entry: Encoded): Uint8Array {
  const later = entry.descriptor !== null;
  const long = entry.zip64 ? 0xffffffff : null;
  return join([
    fields(
      [4, 0x04034b50],
      [2, entry.zip64 ? 45 : 20],
      [2, entry.flags],
      [2, entry.method],
      [4, 0x58210000], // 2024-01-01
      [4, later ? 0 : entry.crc],
      [4, later ? 0 : (long ?? entry.packed.length)],
      [4, later ? 0 : (long ?? entry.size)],
      [2, entry.name.length],
      [2, entry.localExtra.length],
    ),
    entry.name,
    entry.localExtra,
  ]);
}

function centralHeader(entry: Encoded, offset: number): Uint8Array {
  const extra = entry.centralExtra(offset);
  const long = entry.zip64 ? 0xffffffff : null;
  return join([
    fields(
      [4, 0x02014b50],
      [2, 20],
      [2, entry.zip64 ? 45 : 20],
      [2, entry.flags],
      [2, entry.method],
      [4, 0x58210000],
      [4, entry.crc],
      [4, long ?? entry.packed.length],
      [4, long ?? entry.size],
      [2, entry.name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, long ?? offset],
    ),
    entry.name,
    extra,
  ]);
}

function endRecords(count: number, size: number, start: number, zip64: boolean): Uint8Array {
  const end = (n: number, bytes: number, at: number): Uint8Array =>
    fields([4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, bytes], [4, at], [2, 0]);
  if (!zip64) return end(count, size, start);
  return join([
    fields(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
      [8, count],
      [8, count],
      [8, size],
      [8, start],
    ),
    fields([4, 0x07064b50], [4, 0], [8, start + size], [4, 1]),
    end(0xffff, 0xffffffff, 0xffffffff),
  ]);
}

function zip64Extra(values: number[]): Uint8Array {
  const body = values.map((value): [number, number] => [8, value]);
  return fields([2, 0x0001], [2, values.length * 8], ...body);
}

function unicodePath(path: string, name: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(path);
  return join([fields([2, 0x7075], [2, 5 + text.length], [1, 1], [4, crc32(name)]), text]);
}

/** Little-endian numbers: [bytes, value]. */
function fields(...values: [number, number][]): Uint8Array {
  const bytes: number[] = [];
  for (const [width, value] of values) {
    for (let i = 0; i < width; i++) bytes.push(Math.floor(value / 256 ** i) % 256);
  }
  return Uint8Array.from(bytes);
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bit by bit, on purpose not the app's own. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const reverse = new Map<NameEncoding, Map<string, number[]>>();

/** What a TextDecoder does, backwards; throws where the encoding lacks a character. */
export function encodeText(text: string, encoding: NameEncoding): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  let table = reverse.get(encoding);
  if (!table) {
    table = encoding === 'cp437' ? cp437Table() : pairTable(encoding);
    reverse.set(encoding, table);
  }
  const bytes: number[] = [];
  for (const character of text) {
    const code = table.get(character);
    if (!code) throw new Error(`${encoding} has no ${character}`);
    bytes.push(...code);
  }
  return Uint8Array.from(bytes);
}

function pairTable(encoding: NameEncoding): Map<string, number[]> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const table = new Map<string, number[]>();
  const add = (bytes: number[]): void => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // not a character
    }
  };
  for (let first = 0; first < 256; first++) add([first]);
  for (let first = 0x81; first < 0xff; first++) {
    for (let second = 0x40; second < 0xff; second++) add([first, second]);
  }
  return table;
}

function cp437Table(): Map<string, number[]> {
  const table = new Map<string, number[]>();
  for (let byte = 0; byte < 128; byte++) table.set(String.fromCharCode(byte), [byte]);
  const letters = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑ';
  [...letters].forEach((letter, i) => table.set(letter, [128 + i]));
  table.set('ß', [0xe1]);
  return table;
}
