/**
 * `resample` for a picture that is never in memory as a whole: its pixels are read a strip at a
 * time, so that a photo of 12 megapixels costs its decoder's 48 MB once and not three times. A
 * strip runs along the first pass, so the result is the same to the bit.
 */
import { coefficients, type Interpolation } from './coefficients.ts';
import type { Size } from './geometry.ts';
import {
  columnsFirst,
  resampleColumns,
  resampleRows,
  whole,
  type Raster,
  type Region,
} from './resample.ts';

const stripPixels = 1 << 20;

/** RGB, [to.height, to.width, 3], of the picture whose pixels `read` gives. */
export function resampleParts(
  from: Size,
  to: Size,
  interpolation: Interpolation,
  read: (region: Region) => Raster,
): Uint8Array {
  const horizontal = coefficients(from.width, to.width, interpolation);
  const vertical = coefficients(from.height, to.height, interpolation);
  const out = new Uint8Array(to.width * to.height * 3);

  if (columnsFirst(from, to)) {
    const between = new Uint8Array(from.width * to.height * 3);
    const step = Math.max(1, Math.floor(stripPixels / from.height));
    for (let left = 0; left < from.width; left += step) {
      const width = Math.min(step, from.width - left);
      const strip = read({ top: 0, left, width, height: from.height });
      const columns = new Uint8Array(width * to.height * strip.channels);
      resampleColumns(strip, whole(strip), vertical, columns);
      const narrow = { ...strip, data: columns, height: to.height };
      placeColumns(narrow, between, from.width, left);
    }
    const raster = { data: between, width: from.width, height: to.height, channels: 3 } as const;
    resampleRows(raster, whole(raster), horizontal, out);
  } else {
    const between = new Uint8Array(to.width * from.height * 3);
    const step = Math.max(1, Math.floor(stripPixels / from.width));
    for (let top = 0; top < from.height; top += step) {
      const height = Math.min(step, from.height - top);
      const strip = read({ top, left: 0, width: from.width, height });
      resampleRows(strip, whole(strip), horizontal, between.subarray(top * to.width * 3));
    }
    const raster = { data: between, width: to.width, height: from.height, channels: 3 } as const;
    resampleColumns(raster, whole(raster), vertical, out);
  }
  return out;
}

/** Puts the colours of a narrow raster into an RGB picture of `width`, from column `left` on. */
function placeColumns(narrow: Raster, out: Uint8Array, width: number, left: number): void {
  for (let y = 0; y < narrow.height; y++) {
    for (let x = 0; x < narrow.width; x++) {
      const from = (y * narrow.width + x) * narrow.channels;
      const to = (y * width + left + x) * 3;
      out[to] = narrow.data[from] as number;
      out[to + 1] = narrow.data[from + 1] as number;
      out[to + 2] = narrow.data[from + 2] as number;
    }
  }
}
