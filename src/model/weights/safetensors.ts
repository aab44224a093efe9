/**
 * The safetensors format (huggingface/safetensors, "Format"): 8 bytes of header length, a JSON
 * header {name: {dtype, shape, data_offsets}}, then the tensors without gap or overlap. A file is
 * data from strangers, so every number in it is checked before it is used.
 */
import { AppError } from '../../protocol/errors.ts';
import type { StateDict } from '../state-dict.ts';
import { isNumberFormat, numberFormats, type NumberFormatName } from './number-formats.ts';
import { parseStrictJson } from './strict-json.ts';

export interface Safetensors {
  tensors: StateDict; // in the order of the data
  metadata: Record<string, string>;
}

/** int64 is for counters such as `num_batches_tracked`. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

interface Entry {
  name: string;
  dtype: NumberFormatName;
  shape: number[];
  begin: number; // bytes into the data
  end: number;
}

const lengthBytes = 8;
const maxHeaderBytes = 100_000_000; // as the reference implementation

/** Floats of any width become fp32; counters (`num_batches_tracked`) are left out. */
export function readSafetensors(input: Uint8Array | ArrayBuffer, name: string): Safetensors {
  const bytes = input instanceof Uint8Array ? input : new Uint8Array(input);
  const fail = (detail: string) => new AppError('weights-format', { name, detail });
  if (bytes.length < lengthBytes) throw fail('the file is too short to be safetensors');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(Math.min(maxHeaderBytes, bytes.length - lengthBytes))) {
    throw fail(`its header claims ${headerBytes} bytes of ${bytes.length}`);
  }
  const dataStart = lengthBytes + Number(headerBytes);
  const data = bytes.subarray(dataStart);
  const header = parseHeader(bytes.subarray(lengthBytes, dataStart), fail);
  const { __metadata__: metadata, ...rest } = header;
  const entries = Object.entries(rest).map(([key, value]) => readEntry(key, value, fail));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, data.length, fail);

  const tensors: StateDict = new Map();
  for (const { name: key, dtype, shape, begin, end } of entries) {
    if (key.endsWith('num_batches_tracked')) continue;
    tensors.set(key, { shape, data: numberFormats[dtype].decode(data.subarray(begin, end)) });
  }
  return { tensors, metadata: readMetadata(metadata, fail) };
}

type Fail = (detail: string) => AppError;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(`its header is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  if (!isRecord(header)) throw fail('its header is not an object');
  return header;
}

function readEntry(name: string, value: unknown, fail: Fail): Entry {
  if (!isRecord(value)) throw fail(`${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !isNumberFormat(dtype)) {
    throw fail(`${name} has the number format ${JSON.stringify(dtype)}, which is not supported`);
  }
  if (!isSizes(shape)) throw fail(`${name} has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw fail(`${name} has no valid offsets`);
  const [begin = 0, end = 0] = offsets;
  // Stays exact as long as it is below 2^53; beyond that it is larger than any file anyway.
  const expected = shape.reduce((product, size) => product * size, numberFormats[dtype].bytes);
  if (end - begin !== expected) {
    throw fail(`${name} needs ${expected} bytes for [${shape.join(', ')}] and has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** `entries` by offset: each starts where the last one ended, and the last ends the file. */
function checkLayout(entries: readonly Entry[], dataBytes: number, fail: Fail): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin < at) throw fail(`${name} overlaps the tensor before it`);
    if (begin > at) throw fail(`there is a gap before ${name}`);
    if (end > dataBytes) throw fail(`${name} ends after the file: the file is cut short`);
    at = end;
  }
  if (at !== dataBytes) throw fail(`${dataBytes - at} bytes at the end belong to no tensor`);
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw fail('its metadata is not an object');
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== 'string') throw fail(`its metadata "${key}" is not a text`);
      return [key, text];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Wide numbers first, so that every tensor is aligned for readers that map the file. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const width = ({ data }: WritableTensor) => data.BYTES_PER_ELEMENT;
  const ordered = [...tensors].sort(([, a], [, b]) => width(b) - width(a)); // stable
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let at = 0;
  for (const [name, { shape, data }] of ordered) {
    const dtype = data instanceof BigInt64Array ? 'I64' : 'F32';
    header.push([name, { dtype, shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / lengthBytes) * lengthBytes;
  const file = new Uint8Array(lengthBytes + padded + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, lengthBytes); // the header may end in spaces
  file.set(json, lengthBytes);
  let to = lengthBytes + padded;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), to);
    to += data.byteLength;
  }
  return file;
}
