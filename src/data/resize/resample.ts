/**
 * Pillow's `Image.resize` on 8-bit pictures, to the bit: two passes, the result of the first
 * rounded and clipped to 8 bits (libImaging/Resample.c, `ImagingResampleInner`). A region is
 * resized as if it had been cropped first, which is what torchvision's `resized_crop` does.
 */
import {
  coefficients,
  precisionBits,
  type Coefficients,
  type Interpolation,
} from './coefficients.ts';
import type { Size } from './geometry.ts';

/** Pixels row by row. */
export interface Raster {
  data: Uint8Array | Uint8ClampedArray; // [height, width, channels]
  width: number;
  height: number;
  channels: 3 | 4;
}

export interface Region {
  top: number;
  left: number;
  height: number;
  width: number;
}

const shift = precisionBits; // a module's own constant: an import's is looked up for each pixel
const half = 1 << (shift - 1);

/** Reused between calls: a batch would otherwise allocate two buffers a photo. */
let passScratch = new Uint8Array(0);
let sumsScratch = new Int32Array(0);

/**
 * Rows first, except where the height shrinks by much more than the width: the order Pillow takes
 * since version 13 (python-pillow/Pillow#9549); the two orders differ by a rounding.
 */
export function columnsFirst(from: Size, to: Size): boolean {
  return to.height < from.height && from.height - to.height > 2 * (from.width - to.width);
}

/** `region` of `source` at `width` x `height`: RGB, [height, width, 3]; a fourth channel is left out. */
export function resample(
  source: Raster,
  region: Region,
  width: number,
  height: number,
  interpolation: Interpolation,
  out: Uint8Array = new Uint8Array(width * height * 3),
): Uint8Array {
  const horizontal = coefficients(region.width, width, interpolation);
  const vertical = coefficients(region.height, height, interpolation);
  if (columnsFirst(region, { width, height })) {
    const { channels } = source;
    const data = scratch(region.width * height * channels);
    resampleColumns(source, region, vertical, data);
    const between = { data, width: region.width, height, channels };
    resampleRows(between, whole(between), horizontal, out);
  } else {
    const data = scratch(width * region.height * 3);
    resampleRows(source, region, horizontal, data);
    const between = { data, width, height: region.height, channels: 3 } as const;
    resampleColumns(between, whole(between), vertical, out);
  }
  return out;
}

export function whole({ width, height }: Size): Region {
  return { top: 0, left: 0, width, height };
}

/** The horizontal pass: RGB rows, [region.height, outSize, 3]. */
export function resampleRows(
  source: Raster,
  region: Region,
  { outSize, taps, first, count, weights }: Coefficients,
  out: Uint8Array,
): void {
  const { data, channels } = source;
  let at = 0;
  for (let row = 0; row < region.height; row++) {
    const start = ((region.top + row) * source.width + region.left) * channels;
    for (let column = 0; column < outSize; column++) {
      let pixel = start + (first[column] as number) * channels;
      let weight = column * taps;
      const end = weight + (count[column] as number);
      let red = half;
      let green = half;
      let blue = half;
      for (; weight < end; weight++, pixel += channels) {
        const w = weights[weight] as number;
        red = (red + Math.imul(data[pixel] as number, w)) | 0;
        green = (green + Math.imul(data[pixel + 1] as number, w)) | 0;
        blue = (blue + Math.imul(data[pixel + 2] as number, w)) | 0;
      }
      out[at] = clip8(red);
      out[at + 1] = clip8(green);
      out[at + 2] = clip8(blue);
      at += 3;
    }
  }
}

/**
 * The vertical pass, all channels kept: [outSize, region.width, channels]. Whole rows are summed at
 * a time, so that memory is read in order, and four rows at once, so that it is read seldom.
 */
export function resampleColumns(
  source: Raster,
  region: Region,
  { outSize, taps, first, count, weights }: Coefficients,
  out: Uint8Array,
): void {
  const { data, channels } = source;
  const length = region.width * channels;
  const stride = source.width * channels;
  if (sumsScratch.length < length) sumsScratch = new Int32Array(length);
  const sums = sumsScratch;
  for (let row = 0; row < outSize; row++) {
    const to = row * length;
    const n = count[row] as number;
    let weight = row * taps;
    let a = (region.top + (first[row] as number)) * stride + region.left * channels;
    sums.fill(half, 0, length);
    for (let tap = 0; tap < n; tap += 4, weight += 4, a += 4 * stride) {
      // past the last row that counts the weights are 0, and any row that exists will do
      const b = tap + 1 < n ? a + stride : a;
      const c = tap + 2 < n ? b + stride : a;
      const d = tap + 3 < n ? c + stride : a;
      const wa = weights[weight] as number;
      const wb = tap + 1 < n ? (weights[weight + 1] as number) : 0;
      const wc = tap + 2 < n ? (weights[weight + 2] as number) : 0;
      const wd = tap + 3 < n ? (weights[weight + 3] as number) : 0;
      for (let i = 0; i < length; i++) {
        sums[i] =
          ((sums[i] as number) +
            Math.imul(data[a + i] as number, wa) +
            Math.imul(data[b + i] as number, wb) +
            Math.imul(data[c + i] as number, wc) +
            Math.imul(data[d + i] as number, wd)) |
          0;
      }
    }
    for (let i = 0; i < length; i++) out[to + i] = clip8(sums[i] as number);
  }
}

function scratch(length: number): Uint8Array {
  if (passScratch.length < length) passScratch = new Uint8Array(length);
  return passScratch;
}

function clip8(sum: number): number {
  const value = sum >> shift;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
