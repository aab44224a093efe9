import { describe, expect, it } from 'vitest';
import { resampleParts } from '../../../src/data/resize/resample-parts.ts';
import { columnsFirst, resample, whole, type Region } from '../../../src/data/resize/resample.ts';
import { copyRegion } from '../../../src/data/transforms/presets.ts';
import { noisePicture } from '../../support/noise.ts';

describe('resampleParts', () => {
  it.each([
    { name: 'wide, row strips', from: [1400, 1000], to: { width: 90, height: 64 }, columns: false },
    {
      name: 'tall, column strips',
      from: [600, 2100],
      to: { width: 64, height: 224 },
      columns: true,
    },
    { name: 'one strip', from: [50, 40], to: { width: 64, height: 51 }, columns: false },
  ])('equals the resize of the whole picture: $name', ({ from, to, columns }) => {
    const picture = noisePicture(from, 11);
    expect(columnsFirst(picture, to)).toBe(columns);
    const reads: Region[] = [];
    const read = (region: Region) => {
      reads.push(region);
      const data = new Uint8Array(region.width * region.height * 3);
      copyRegion(picture, region, data);
      return { ...region, data, channels: 3 } as const;
    };
    const parts = resampleParts(picture, to, 'bilinear', read);
    const source = { ...picture, channels: 3 } as const;
    const expected = resample(source, whole(picture), to.width, to.height, 'bilinear');
    expect(Buffer.compare(parts, expected)).toBe(0);
    expect(reads.length > 1).toBe(picture.data.length > 3 << 20);
    expect(Math.max(...reads.map(({ width, height }) => width * height))).toBeLessThanOrEqual(
      1 << 20,
    );
  });
});
