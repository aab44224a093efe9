/** Files → a zip, written piece by piece so that the weights are never there twice as a whole. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

export interface ZipFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Texts are deflated; bytes are stored, since weights do not compress. */
export function zipFiles(files: readonly ZipFile[], modified: Date): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    parts.push(chunk as Uint8Array<ArrayBuffer>); // fflate never shares memory between threads here
  });
  for (const { name, content } of files) {
    const entry = typeof content === 'string' ? new ZipDeflate(name) : new ZipPassThrough(name);
    entry.mtime = modified;
    zip.add(entry);
    entry.push(typeof content === 'string' ? new TextEncoder().encode(content) : content, true);
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
