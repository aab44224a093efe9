/**
 * The two named presets, train and eval, as in torchvision's references
 * (`references/classification/presets.py`): pictures in, one normalized batch out. Pictures come
 * from the decode pool with their shorter side at the recipe's resize size already.
 */
import type { Preprocessing } from '../../protocol/backbone.ts';
import type { Augmentation } from '../../protocol/run.ts';
import type { Random } from '../../util/random.ts';
import { centerCropRegion } from '../resize/geometry.ts';
import { resample, type Region } from '../resize/resample.ts';
import { normalizeInto, normalizeTable } from './normalize.ts';
import { randomResizedCropRegion } from './random-resized-crop.ts';

/** RGB pixels, [height, width, 3]. */
export interface RgbPicture {
  width: number;
  height: number;
  data: Uint8Array;
}

type Appearance = Pick<Preprocessing, 'mean' | 'std' | 'interpolation'>;

/** 256 for 224: the size of the shorter side before an evaluation crop of `imageSize`. */
export function resizeFor(imageSize: number): number {
  return Math.round((imageSize * 256) / 224);
}

/** What of a picture is taken, and whether it is mirrored. */
export interface Crop {
  region: Region;
  flip: boolean;
}

/** RandomResizedCrop, RandomHorizontalFlip(0.5): what they draw for each picture. */
export function drawTrainCrops(
  pictures: readonly RgbPicture[],
  size: number,
  random: Random,
  augment: Augmentation,
): Crop[] {
  if (augment === 'none') return evalCrops(pictures, size);
  return pictures.map((picture) => ({
    region: randomResizedCropRegion(picture, random),
    flip: random.next() < 0.5,
  }));
}

/** CenterCrop. */
export function evalCrops(pictures: readonly RgbPicture[], size: number): Crop[] {
  return pictures.map((picture) => ({ region: centerCropRegion(picture, size), flip: false }));
}

/** RandomResizedCrop, RandomHorizontalFlip(0.5), Normalize → [N, size, size, 3]. */
export function trainTransform(
  pictures: readonly RgbPicture[],
  size: number,
  random: Random,
  augment: Augmentation,
  preprocessing: Appearance,
): Float32Array {
  if (augment === 'none') return evalTransform(pictures, size, preprocessing);
  const table = normalizeTable(preprocessing);
  const batch = new Float32Array(pictures.length * size * size * 3);
  const crop = new Uint8Array(size * size * 3);
  const crops = drawTrainCrops(pictures, size, random, augment);
  for (const [i, picture] of pictures.entries()) {
    const { region, flip } = crops[i] as Crop;
    resample({ ...picture, channels: 3 }, region, size, size, preprocessing.interpolation, crop);
    normalizeInto(crop, size, flip, table, batch, i * crop.length);
  }
  return batch;
}

/** CenterCrop, Normalize → [N, size, size, 3]. */
export function evalTransform(
  pictures: readonly RgbPicture[],
  size: number,
  preprocessing: Appearance,
): Float32Array {
  const table = normalizeTable(preprocessing);
  const batch = new Float32Array(pictures.length * size * size * 3);
  const crop = new Uint8Array(size * size * 3);
  for (const [i, picture] of pictures.entries()) {
    copyRegion(picture, centerCropRegion(picture, size), crop);
    normalizeInto(crop, size, false, table, batch, i * crop.length);
  }
  return batch;
}

/** `region` of a picture, black where it reaches over the edge. */
export function copyRegion(picture: RgbPicture, region: Region, out: Uint8Array): void {
  const from = Math.max(region.left, 0);
  const to = Math.min(region.left + region.width, picture.width);
  if (to - from < region.width || region.top < 0 || region.top + region.height > picture.height) {
    out.fill(0);
  }
  for (let row = 0; row < region.height; row++) {
    const y = region.top + row;
    if (y < 0 || y >= picture.height) continue;
    const start = y * picture.width;
    out.set(
      picture.data.subarray((start + from) * 3, (start + to) * 3),
      (row * region.width + from - region.left) * 3,
    );
  }
}
