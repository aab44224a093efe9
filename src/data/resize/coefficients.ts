/**
 * The weights of an antialiased 1-D resize, as Pillow's `precompute_coeffs` and
 * `normalize_coeffs_8bpc` (libImaging/Resample.c) make them: when shrinking, the filter is
 * stretched by the scale, which is what antialiasing means here; the weights are then rounded to
 * fixed point so that 8-bit sums are the same on every machine.
 */
export type Interpolation = 'bilinear' | 'bicubic';

/** Pillow's PRECISION_BITS: 8 bits for the value and 2 for overshoot leave 22 of 32. */
export const precisionBits = 32 - 8 - 2;

export interface Coefficients {
  readonly inSize: number;
  readonly outSize: number;
  readonly taps: number; // places per output in `weights`; the unused ones are 0
  readonly first: Int32Array; // [outSize] first input that counts
  readonly count: Int32Array; // [outSize] how many count
  readonly weights: Int32Array; // [outSize, taps] fixed point
}

interface Filter {
  support: number;
  weight(distance: number): number;
}

const filters: Record<Interpolation, Filter> = {
  bilinear: {
    support: 1,
    weight: (distance) => Math.max(0, 1 - Math.abs(distance)),
  },
  bicubic: { support: 2, weight: keys },
};

/** Keys' cubic convolution with a = -0.5, Pillow's choice (OpenCV and TensorFlow differ). */
function keys(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** An epoch of random crops meets at most a few hundred sizes; more means that sizes don't repeat. */
const cacheLimit = 2048;
const cache = new Map<string, Coefficients>();

export function coefficients(
  inSize: number,
  outSize: number,
  interpolation: Interpolation,
): Coefficients {
  const key = `${inSize}>${outSize}:${interpolation}`;
  let found = cache.get(key);
  if (!found) {
    if (cache.size >= cacheLimit) cache.clear();
    found = precompute(inSize, outSize, filters[interpolation]);
    cache.set(key, found);
  }
  return found;
}

function precompute(inSize: number, outSize: number, filter: Filter): Coefficients {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outSize);
  const count = new Int32Array(outSize);
  const weights = new Int32Array(outSize * taps);
  const exact = new Float64Array(taps);

  for (let out = 0; out < outSize; out++) {
    const center = (out + 0.5) * scale;
    const from = Math.max(Math.trunc(center - support + 0.5), 0);
    const to = Math.min(Math.trunc(center + support + 0.5), inSize);
    let sum = 0;
    for (let i = from; i < to; i++) {
      const weight = filter.weight((i - center + 0.5) * (1 / filterScale));
      exact[i - from] = weight;
      sum += weight;
    }
    for (let i = 0; i < to - from; i++) {
      const weight = ((exact[i] as number) / (sum === 0 ? 1 : sum)) * 2 ** precisionBits;
      weights[out * taps + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[out] = from;
    count[out] = to - from;
  }
  return { inSize, outSize, taps, first, count, weights };
}
