/**
 * torchvision's `RandomResizedCrop.get_params`: a crop of 8-100 % of the area whose aspect ratio is
 * drawn log-uniformly from 3/4-4/3; after ten draws that don't fit, the largest centred crop that
 * keeps the ratio in bounds.
 */
import type { Random } from '../../util/random.ts';
import { roundHalfEven, type Size } from '../resize/geometry.ts';
import type { Region } from '../resize/resample.ts';

export const cropScale = [0.08, 1] as const;
export const cropRatio = [3 / 4, 4 / 3] as const;
const tries = 10;

export function randomResizedCropRegion({ width, height }: Size, random: Random): Region {
  const area = width * height;
  const [minRatio, maxRatio] = cropRatio;
  for (let i = 0; i < tries; i++) {
    const targetArea = area * random.uniform(cropScale[0], cropScale[1]);
    const ratio = Math.exp(random.uniform(Math.log(minRatio), Math.log(maxRatio)));
    const w = roundHalfEven(Math.sqrt(targetArea * ratio));
    const h = roundHalfEven(Math.sqrt(targetArea / ratio));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = random.int(height - h + 1);
      const left = random.int(width - w + 1);
      return { top, left, height: h, width: w };
    }
  }

  let w = width;
  let h = height;
  if (width / height < minRatio) h = roundHalfEven(width / minRatio);
  else if (width / height > maxRatio) w = roundHalfEven(height * maxRatio);
  return {
    top: Math.floor((height - h) / 2),
    left: Math.floor((width - w) / 2),
    height: h,
    width: w,
  };
}
