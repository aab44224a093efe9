/** The GPU's crops, resizes and flips against the CPU's, which are Pillow's to the bit. */
import { describe, expect, it } from 'vitest';
import { resample, type Region } from '../../../src/data/resize/resample.ts';
import { centerCropRegion } from '../../../src/data/resize/geometry.ts';
import { normalizeInto, normalizeTable } from '../../../src/data/transforms/normalize.ts';
import {
  evalTransform,
  trainTransform,
  type RgbPicture,
} from '../../../src/data/transforms/presets.ts';
import { randomResizedCropRegion } from '../../../src/data/transforms/random-resized-crop.ts';
import {
  augment,
  photoBytes,
  photoRecords,
  type PlacedPhoto,
} from '../../../src/ops/augment/augment.wgsl.ts';
import type { Storage } from '../../../src/ops/gpu/map.ts';
import { createRandom } from '../../../src/util/random.ts';
import { relativeError } from '../../support/gpu-maps.ts';
import { mapsIn, roundedToHalf } from '../../support/half-maps.ts';
import { noGpu, run } from '../../support/on-gpu.ts';
import { seeded } from '../../support/seeded.ts';

const mean = [0.485, 0.456, 0.406] as [number, number, number];
const std = [0.229, 0.224, 0.225] as [number, number, number];
type Interpolation = 'bilinear' | 'bicubic';

/** Noise over a slope: all bytes, and neighbours that differ a lot. */
function picture(height: number, width: number): RgbPicture {
  const noise = seeded(`picture-${height}-${width}`, [height, width, 3], 90);
  const data = Uint8Array.from(noise, (value, i) =>
    Math.max(0, Math.min(255, value + (255 * (i % (width * 3))) / (width * 3))),
  );
  return { height, width, data };
}

interface Cut {
  readonly picture: RgbPicture;
  readonly region: Region;
  readonly flip: boolean;
}

async function onGpu(
  cuts: readonly Cut[],
  size: number,
  interpolation: Interpolation,
  storage: Storage = 'f32',
) {
  const placed: PlacedPhoto[] = [];
  let bytes = 0;
  for (const { picture: photo, region, flip } of cuts) {
    placed.push({ offset: bytes, height: photo.height, width: photo.width, region, flip });
    bytes += photoBytes(photo);
  }
  const photos = new Uint8Array(bytes);
  cuts.forEach(({ picture: photo }, i) => photos.set(photo.data, placed[i]?.offset ?? NaN));
  const batch = cuts.length;
  const found = await run(
    augment({ batch, size, interpolation, mean, std, storage }),
    {
      photos: new Uint32Array(photos.buffer),
      records: new Uint32Array(photoRecords(placed).buffer),
      images: batch * size * size * (storage === 'f16' ? 2 : 4),
    },
    batch,
  );
  const images = mapsIn[storage].decode(found('images'), 4);
  expect(images.filter((_, i) => i % 4 === 3).every((value) => value === 0)).toBe(true);
  return images.filter((_, i) => i % 4 < 3);
}

function onCpu(cuts: readonly Cut[], size: number, interpolation: Interpolation) {
  const table = normalizeTable({ mean, std });
  const images = new Float32Array(cuts.length * size * size * 3);
  cuts.forEach(({ picture: photo, region, flip }, i) => {
    const crop = resample({ ...photo, channels: 3 }, region, size, size, interpolation);
    normalizeInto(crop, size, flip, table, images, i * crop.length);
  });
  return images;
}

/** The share of values that are one byte's apart or more, and the most that any is. */
function levelsApart(found: Float32Array, expected: Float32Array) {
  let different = 0;
  let most = found.length === expected.length ? 0 : Infinity;
  expected.forEach((value, i) => {
    const apart = Math.abs((found[i] ?? NaN) - value) * (std[i % 3] ?? NaN) * 255;
    most = Number.isNaN(apart) ? NaN : Math.max(most, Math.round(apart));
    if (!(apart < 0.5)) different++;
  });
  return { share: different / expected.length, most };
}

const all = (photo: RgbPicture): Region => ({
  top: 0,
  left: 0,
  height: photo.height,
  width: photo.width,
});

/** Each way up: shrinking, growing, as it is, thin crops, and both orders of the passes. */
const cuts: Cut[] = [
  { picture: picture(75, 101), region: { top: 3, left: 7, height: 61, width: 83 }, flip: false },
  { picture: picture(37, 40), region: { top: 36, left: 0, height: 1, width: 40 }, flip: true },
  { picture: picture(64, 64), region: all(picture(64, 64)), flip: true },
  { picture: picture(33, 45), region: { top: 10, left: 20, height: 13, width: 11 }, flip: false },
  { picture: picture(301, 40), region: { top: 1, left: 2, height: 299, width: 37 }, flip: true },
  { picture: picture(41, 333), region: all(picture(41, 333)), flip: false },
  { picture: picture(96, 70), region: { top: 5, left: 6, height: 90, width: 64 }, flip: true },
];

/** Bilinear weights are exact; bicubic ones are f32. */
const bounds = { bilinear: { share: 0, most: 0 }, bicubic: { share: 1e-3, most: 1 } };

describe.skipIf(noGpu)('augmentation on a GPU', () => {
  for (const interpolation of ['bilinear', 'bicubic'] as const) {
    it.each([32, 45, 64])(`${interpolation} crops at %i`, async (size) => {
      const found = await onGpu(cuts, size, interpolation);
      const expected = onCpu(cuts, size, interpolation);
      const { share, most } = levelsApart(found, expected);
      expect(most).toBeLessThanOrEqual(bounds[interpolation].most);
      expect(share).toBeLessThanOrEqual(bounds[interpolation].share);
      if (interpolation === 'bilinear') expect(relativeError(found, expected)).toBeLessThan(1e-6);
    });

    it(`${interpolation}, into half precision`, async () => {
      const found = await onGpu(cuts, 32, interpolation, 'f16');
      const expected = roundedToHalf(await onGpu(cuts, 32, interpolation));
      // Packing may round either way.
      expect(relativeError(found, expected)).toBeLessThan(1e-3);
    });

    it(`${interpolation}, the draws of an epoch`, async () => {
      const pictures = cuts.map((cut) => cut.picture);
      const draw = createRandom(5);
      const drawn = pictures.map((photo) => ({
        picture: photo,
        region: randomResizedCropRegion(photo, draw),
        flip: draw.next() < 0.5,
      }));
      const preprocessing = { mean, std, interpolation };
      const expected = trainTransform(pictures, 48, createRandom(5), 'course', preprocessing);
      const { share, most } = levelsApart(await onGpu(drawn, 48, interpolation), expected);
      expect(most).toBeLessThanOrEqual(bounds[interpolation].most);
      expect(share).toBeLessThanOrEqual(bounds[interpolation].share);
    });

    it(`${interpolation}, evaluation crops, black outside`, async () => {
      const pictures = [picture(37, 50), picture(61, 37), picture(20, 70), picture(32, 31)];
      const centres = pictures.map((photo) => ({
        picture: photo,
        region: centerCropRegion(photo, 32),
        flip: false,
      }));
      const expected = evalTransform(pictures, 32, { mean, std, interpolation });
      const found = await onGpu(centres, 32, interpolation);
      expect(levelsApart(found, expected)).toEqual({ share: 0, most: 0 });
    });
  }
});
