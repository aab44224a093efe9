import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Interpolation } from '../../../src/data/resize/coefficients.ts';
import { resample } from '../../../src/data/resize/resample.ts';
import { evalTransform, resizeFor, trainTransform } from '../../../src/data/transforms/presets.ts';
import { normalizeInto, normalizeTable } from '../../../src/data/transforms/normalize.ts';
import { randomResizedCropRegion } from '../../../src/data/transforms/random-resized-crop.ts';
import type { Preprocessing } from '../../../src/protocol/backbone.ts';
import { createRandom, type Random } from '../../../src/util/random.ts';
import golden from '../../golden/transforms.json' with { type: 'json' };
import { noisePicture } from '../../support/noise.ts';

const preprocessing = {
  mean: golden.batch.mean as Preprocessing['mean'],
  std: golden.batch.std as Preprocessing['std'],
  interpolation: 'bilinear',
} as const;

/** A generator that hands out what torch drew. */
function replay(draws: readonly number[]): Random {
  let at = 0;
  const draw = () => {
    const value = draws[at++];
    if (value === undefined) throw new Error('more draws than torchvision made');
    return value;
  };
  return { ...createRandom(0), uniform: draw, int: draw, next: draw };
}

function regionOf([top = 0, left = 0, height = 0, width = 0]: readonly number[]) {
  return { top, left, height, width };
}

describe('randomResizedCropRegion', () => {
  it.each(golden.params)(
    "is torchvision's for the same draws: $from",
    ({ from, draws, region }) => {
      const [width = 0, height = 0] = from;
      expect(randomResizedCropRegion({ width, height }, replay(draws))).toEqual(regionOf(region));
    },
  );

  it('has fallbacks among the goldens', () => {
    expect(golden.params.filter(({ draws }) => draws.length === 20).length).toBeGreaterThan(3);
  });

  it('draws areas evenly between 8 % and all, ratios between 3/4 and 4/3', () => {
    const random = createRandom(3);
    const size = { width: 1000, height: 1000 };
    const regions = Array.from({ length: 4000 }, () => randomResizedCropRegion(size, random));
    const areas = regions.map(({ width, height }) => (width * height) / 1e6);
    const ratios = regions.map(({ width, height }) => width / height);
    expect(Math.min(...areas)).toBeGreaterThan(0.079);
    expect(Math.max(...areas)).toBeLessThanOrEqual(1);
    // large areas of an extreme ratio don't fit a square and are drawn again: a little under 0.54
    expect(areas.reduce((a, b) => a + b) / areas.length).toBeCloseTo(0.51, 1);
    expect(Math.min(...ratios)).toBeGreaterThan(0.745);
    expect(Math.max(...ratios)).toBeLessThan(1.34);
  });
});

describe('crop and resize', () => {
  it.each(golden.crops)(
    "equals torchvision's resized_crop: $from, $region → $size, $interpolation",
    ({ from, seed, region, size, interpolation, sha256 }) => {
      const source = { ...noisePicture(from, seed), channels: 3 } as const;
      const crop = resample(source, regionOf(region), size, size, interpolation as Interpolation);
      expect(createHash('sha256').update(crop).digest('hex')).toBe(sha256);
    },
  );
});

describe('normalisation', () => {
  const { from, seed, size, region, places, plain, flipped } = golden.batch;
  const source = { ...noisePicture(from, seed), channels: 3 } as const;
  const crop = resample(source, regionOf(region), size, size, 'bilinear');

  it.each([
    { name: 'plain', flip: false, expected: plain },
    { name: 'flipped', flip: true, expected: flipped },
  ])('equals ToTensor and Normalize to the bit: $name', ({ flip, expected }) => {
    const out = new Float32Array(size * size * 3 + 5);
    normalizeInto(crop, size, flip, normalizeTable(preprocessing), out, 5);
    expect(places.map((place) => out[place + 5])).toEqual(expected);
  });
});

describe('trainTransform', () => {
  const pictures = [noisePicture([90, 73], 401), noisePicture([73, 120], 402)];
  const size = 64;
  const train = (seed: number, augment: 'course' | 'none' = 'course') =>
    trainTransform(pictures, size, createRandom(seed), augment, preprocessing);

  it('draws crop, then flip, one picture after the other', () => {
    const random = createRandom(9);
    const expected = new Float32Array(2 * size * size * 3);
    pictures.forEach((picture, i) => {
      const region = randomResizedCropRegion(picture, random);
      const flip = random.next() < 0.5;
      const crop = resample({ ...picture, channels: 3 }, region, size, size, 'bilinear');
      normalizeInto(crop, size, flip, normalizeTable(preprocessing), expected, i * size * size * 3);
    });
    expect(train(9)).toEqual(expected);
  });

  it('is the same for the same seed and another for another', () => {
    expect(train(1)).toEqual(train(1));
    expect(train(1)).not.toEqual(train(2));
  });

  it("is the eval transform when augmentation is 'none'", () => {
    expect(train(1, 'none')).toEqual(evalTransform(pictures, size, preprocessing));
  });
});

describe('evalTransform', () => {
  it('equals CenterCrop, ToTensor and Normalize', () => {
    const { from, seed, size, places, eval: expected } = golden.batch;
    const batch = evalTransform([noisePicture(from, seed)], size, preprocessing);
    expect(places.map((place) => batch[place])).toEqual(expected);
  });

  it('resizes to 256 for 224, and in proportion', () => {
    expect([224, 128, 64].map(resizeFor)).toEqual([256, 146, 73]);
  });
});
