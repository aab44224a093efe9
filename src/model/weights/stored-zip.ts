/**
 * The entries of a zip that only stores (PKWARE APPNOTE.TXT, sections 4.3 and 4.5.3), which is how
 * torch.save uses the format: as a container of pieces that can be mapped. It always writes zip64
 * records, so those are read too.
 */

/** Thrown with words for people; the caller knows the file's name. */
export class StoredZipError extends Error {}

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endRecord = 0x06054b50;
const end64Record = 0x06064b50;
const end64Locator = 0x07064b50;
const endRecordBytes = 22;
const maxCommentBytes = 0xffff;
const in64 = 0xffffffff; // the value stands in the zip64 extra field instead

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === localHeader;
}

/** Name → bytes (a view, not a copy). */
export function readStoredZip(bytes: Uint8Array): Map<string, Uint8Array> {
  try {
    return readEntries(bytes);
  } catch (error) {
    // DataView's own word for an offset beyond the end.
    if (error instanceof RangeError) throw new StoredZipError('the zip is cut short');
    throw error;
  }
}

function readEntries(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = viewOf(bytes);
  const { count, offset } = findDirectory(view);
  const entries = new Map<string, Uint8Array>();
  let at = offset;
  for (let i = 0; i < count; i++) {
    expectSignature(view, at, centralHeader);
    const method = view.getUint16(at + 10, true);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const commentBytes = view.getUint16(at + 32, true);
    const name = new TextDecoder().decode(slice(bytes, at + 46, nameBytes));
    if (method !== 0) throw new StoredZipError(`${name} is compressed`);
    if (entries.has(name)) throw new StoredZipError(`${name} stands twice`);
    const { size, start } = sizeAndStart(view, at, at + 46 + nameBytes, extraBytes);
    expectSignature(view, start, localHeader);
    const skipped = view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    entries.set(name, slice(bytes, start + 30 + skipped, size));
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

function findDirectory(view: DataView): { count: number; offset: number } {
  const first = Math.max(0, view.byteLength - endRecordBytes - maxCommentBytes);
  for (let at = view.byteLength - endRecordBytes; at >= first; at--) {
    if (view.getUint32(at, true) !== endRecord) continue;
    const locator = at - 20;
    if (locator >= 0 && view.getUint32(locator, true) === end64Locator) {
      const at64 = uint64(view, locator + 8);
      expectSignature(view, at64, end64Record);
      return { count: uint64(view, at64 + 32), offset: uint64(view, at64 + 48) };
    }
    return { count: view.getUint16(at + 10, true), offset: view.getUint32(at + 16, true) };
  }
  throw new StoredZipError('the zip has no end: it is cut short');
}

/** Of the entry at `at`; the zip64 extra field (id 1) holds those that do not fit, in this order. */
function sizeAndStart(
  view: DataView,
  at: number,
  extra: number,
  extraBytes: number,
): { size: number; start: number } {
  const packed = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let start = view.getUint32(at + 42, true);
  for (let field = extra; field + 4 <= extra + extraBytes;) {
    if (view.getUint16(field, true) === 1) {
      let value = field + 4;
      const next = () => uint64(view, (value += 8) - 8);
      if (size === in64) size = next();
      if (packed === in64) next();
      if (start === in64) start = next();
    }
    field += 4 + view.getUint16(field + 2, true);
  }
  return { size, start };
}

function slice(bytes: Uint8Array, start: number, size: number): Uint8Array {
  if (start + size > bytes.length) throw new StoredZipError('the zip is cut short');
  return bytes.subarray(start, start + size);
}

function expectSignature(view: DataView, at: number, signature: number): void {
  if (view.getUint32(at, true) !== signature) throw new StoredZipError('the zip is damaged');
}

function uint64(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw new StoredZipError('the zip is damaged');
  return value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
