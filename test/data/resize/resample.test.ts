import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Interpolation } from '../../../src/data/resize/coefficients.ts';
import { centerCropRegion, resizedSize, roundHalfEven } from '../../../src/data/resize/geometry.ts';
import { resample } from '../../../src/data/resize/resample.ts';
import { copyRegion } from '../../../src/data/transforms/presets.ts';
import golden from '../../golden/resize.json' with { type: 'json' };
import { noisePicture } from '../../support/noise.ts';

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

/** Small results are compared byte by byte, so that a failure says where. */
function expectBytes(found: Uint8Array, expected: { sha256: string; data?: string | undefined }) {
  if (expected.data !== undefined) {
    expect([...found]).toEqual([...Buffer.from(expected.data, 'base64')]);
  }
  expect(sha256(found)).toBe(expected.sha256);
}

describe('resample', () => {
  it.each(golden.resized.map((entry) => ({ ...entry, name: entry.from.join('x') })))(
    'equals Pillow: $name → $width x $height, $interpolation',
    (entry) => {
      const picture = noisePicture(entry.from, entry.seed);
      const whole = { top: 0, left: 0, width: picture.width, height: picture.height };
      const source = { ...picture, channels: 3 } as const;
      expectBytes(
        resample(source, whole, entry.width, entry.height, entry.interpolation as Interpolation),
        entry,
      );
    },
  );

  it.each(golden.shorter.map((entry) => ({ ...entry, name: entry.from.join('x') })))(
    "equals torchvision's Resize($size) of $name, $interpolation",
    (entry) => {
      const picture = noisePicture(entry.from, entry.seed);
      const to = resizedSize(picture, entry.size);
      expect(to).toEqual({ width: entry.width, height: entry.height });
      const whole = { top: 0, left: 0, width: picture.width, height: picture.height };
      const source = { ...picture, channels: 3 } as const;
      expectBytes(
        resample(source, whole, to.width, to.height, entry.interpolation as Interpolation),
        entry,
      );
    },
  );

  it('reads the first three of four channels', () => {
    const { width, height, data } = noisePicture([9, 7], 5);
    const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) =>
      i % 4 === 3 ? 77 : (data[Math.floor(i / 4) * 3 + (i % 4)] as number),
    );
    const whole = { top: 0, left: 0, width, height };
    expect(resample({ width, height, data: rgba, channels: 4 }, whole, 4, 4, 'bilinear')).toEqual(
      resample({ width, height, data, channels: 3 }, whole, 4, 4, 'bilinear'),
    );
  });

  it('treats a region as a picture of its own', () => {
    const picture = noisePicture([20, 18], 6);
    const region = { top: 3, left: 5, height: 11, width: 9 };
    const cut = new Uint8Array(11 * 9 * 3);
    copyRegion(picture, region, cut);
    const alone = { data: cut, width: 9, height: 11, channels: 3 } as const;
    expect(resample({ ...picture, channels: 3 }, region, 6, 7, 'bicubic')).toEqual(
      resample(alone, { top: 0, left: 0, height: 11, width: 9 }, 6, 7, 'bicubic'),
    );
  });
});

describe('sizes', () => {
  it.each(golden.sizes)("equal torchvision's: $from by $size", ({ from, size, to }) => {
    const [width = 0, height = 0] = from;
    const found = resizedSize({ width, height }, size);
    expect([found.width, found.height]).toEqual(to);
  });

  it('round halves to even, as Python does', () => {
    expect([0.5, 1.5, 2.5, 3.5, 2.49, 2.51].map(roundHalfEven)).toEqual([0, 2, 2, 4, 2, 3]);
  });
});

describe('centerCropRegion', () => {
  it.each(golden.cropped)('crops and pads as torchvision: $from to $size', (entry) => {
    const picture = noisePicture(entry.from, entry.seed);
    const out = new Uint8Array(entry.size ** 2 * 3);
    copyRegion(picture, centerCropRegion(picture, entry.size), out);
    expectBytes(out, entry);
  });
});
