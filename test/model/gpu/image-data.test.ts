/** Pictures for the GPU, and rounding to half precision, against the table of all halves. */
import { describe, expect, it } from 'vitest';
import { imageData, toHalves } from '../../../src/model/gpu/image-data.ts';
import { numberFormats } from '../../../src/model/weights/number-formats.ts';

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const values = numberFormats.F16.decode(new Uint8Array(everyHalf.buffer));
const finite = [...everyHalf].filter((bits) => (bits & 0x7c00) !== 0x7c00);

describe('halves', () => {
  it('come back as they were', () => {
    const halves = toHalves(values as Float32Array<ArrayBuffer>);
    for (const bits of everyHalf) {
      if (Number.isNaN(values[bits])) expect((halves[bits] ?? 0) & 0x7fff).toBe(0x7e00);
      else if (halves[bits] !== bits) throw new Error(`${values[bits]}: ${halves[bits]}`);
    }
  });

  it('round to the nearest, of two the even one', () => {
    const positive = finite.filter((bits) => bits < 0x7bff);
    // Half way between neighbours, and one f32 below and above.
    const middles = positive.map((bits) => ((values[bits] ?? NaN) + (values[bits + 1] ?? NaN)) / 2);
    const near = (by: number) =>
      toHalves(Float32Array.from(middles, (middle) => middle * (1 + by * 2 ** -20)));
    const [below, at, above] = [near(-1), near(0), near(1)];
    positive.forEach((bits, i) => {
      if (below[i] !== bits || above[i] !== bits + 1 || at[i] !== bits + (bits & 1)) {
        throw new Error(`between ${values[bits]} and the next: ${below[i]}, ${at[i]}, ${above[i]}`);
      }
    });
    expect(positive).toHaveLength(31743);
  });

  it('end in infinity', () => {
    expect([...toHalves(new Float32Array([65519, 65520, -1e9, Infinity]))]).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
  });
});

describe('pictures', () => {
  const pixels = new Float32Array([1, 2, 3, 0.5, -0.25, -2]);

  it('have four channels', () => {
    expect([...imageData(pixels, 3, 'f32')]).toEqual([1, 2, 3, 0, 0.5, -0.25, -2, 0]);
    const halves = imageData(pixels, 3, 'f16');
    expect([...halves]).toEqual([0x3c00, 0x4000, 0x4200, 0, 0x3800, 0xb400, 0xc000, 0]);
  });
});
