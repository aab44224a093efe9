/** Small real pictures, and files that only pretend to be some. */
import { zlibSync } from 'fflate';
import { crc32, join } from './zips.ts';

/** A plain-coloured PNG. */
export function png(
  width = 8,
  height = 8,
  rgb: readonly number[] = [200, 60, 40],
): Uint8Array<ArrayBuffer> {
  const row = 1 + width * 3;
  const raw = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw.set(rgb, y * row + 1 + x * 3);
  }
  return join([
    Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', [...be32(width), ...be32(height), 8, 2, 0, 0, 0]),
    pngChunk('IDAT', zlibSync(raw)),
    pngChunk('IEND', []),
  ]);
}

/** A PNG that is right up to its pixels, which no decoder accepts. */
export function undecodablePng(width = 8, height = 8): Uint8Array<ArrayBuffer> {
  return join([
    Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', [...be32(width), ...be32(height), 8, 2, 0, 0, 0]),
    pngChunk('IDAT', [1, 2, 3, 4]),
    pngChunk('IEND', []),
  ]);
}

function pngChunk(type: string, data: Uint8Array | number[]): Uint8Array {
  const body = join([new TextEncoder().encode(type), Uint8Array.from(data)]);
  return join([Uint8Array.from(be32(data.length)), body, Uint8Array.from(be32(crc32(body)))]);
}

export function be32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}
