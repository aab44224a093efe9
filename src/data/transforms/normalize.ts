/**
 * torchvision's `ToTensor` and `Normalize` as one table of 256 values a channel, in the float32
 * steps that PyTorch takes, written straight into the batch.
 */
import type { Preprocessing } from '../../protocol/backbone.ts';

export type NormalizeTable = Float32Array; // [3, 256]

export function normalizeTable({ mean, std }: Pick<Preprocessing, 'mean' | 'std'>): NormalizeTable {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    const m = Math.fround(mean[channel] as number);
    const s = Math.fround(std[channel] as number);
    for (let value = 0; value < 256; value++) {
      table[channel * 256 + value] = Math.fround(Math.fround(value / 255) - m) / s;
    }
  }
  return table;
}

/** RGB [size, size, 3] → `out` at `offset`, mirrored left to right if `flip`. */
export function normalizeInto(
  rgb: Uint8Array,
  size: number,
  flip: boolean,
  table: NormalizeTable,
  out: Float32Array,
  offset: number,
): void {
  const step = flip ? -3 : 3;
  for (let row = 0; row < size; row++) {
    let from = row * size * 3;
    let to = offset + from + (flip ? (size - 1) * 3 : 0);
    for (let column = 0; column < size; column++) {
      out[to] = table[rgb[from] as number] as number;
      out[to + 1] = table[256 + (rgb[from + 1] as number)] as number;
      out[to + 2] = table[512 + (rgb[from + 2] as number)] as number;
      from += 3;
      to += step;
    }
  }
}
