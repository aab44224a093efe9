/** Sizes and places of torchvision's `Resize` and `CenterCrop`, with their roundings. */
import type { Region } from './resample.ts';

export interface Size {
  width: number;
  height: number;
}

/** `Resize(shorterSide)`: the longer side is cut down to a whole number (Python's `int`). */
export function resizedSize({ width, height }: Size, shorterSide: number): Size {
  return width <= height
    ? { width: shorterSide, height: Math.trunc((shorterSide * height) / width) }
    : { width: Math.trunc((shorterSide * width) / height), height: shorterSide };
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Where `CenterCrop(size)` begins. A picture that is smaller than the crop is padded with black,
 * the odd pixel at the right and bottom: then `top` and `left` are negative.
 */
export function centerCropRegion({ width, height }: Size, size: number): Region {
  return { top: cropStart(height, size), left: cropStart(width, size), width: size, height: size };
}

function cropStart(length: number, size: number): number {
  // 0 - x and not -x: a minus zero would be an odd offset to hand out
  return size > length ? 0 - Math.floor((size - length) / 2) : roundHalfEven((length - size) / 2);
}

/** Wider or taller than this, a resized picture would cost hundreds of megabytes. */
const thinnest = 16;

/**
 * The part of a picture that is kept: all of it, or its centre when one side is over 16 times the
 * other. Our one step away from torchvision, whose evaluation crop sees only the centre anyway.
 */
export function centerOfThin({ width, height }: Size): Region {
  const w = Math.min(width, height * thinnest);
  const h = Math.min(height, width * thinnest);
  return {
    top: Math.floor((height - h) / 2),
    left: Math.floor((width - w) / 2),
    width: w,
    height: h,
  };
}
