/** Seeded numbers, bit-equal to test/golden/seeded.py: an integer hash of a name and an index. */
import { hash32 } from '../../src/util/random.ts';
import type { StateDict } from '../../src/model/state-dict.ts';

export function seeded(
  name: string,
  shape: readonly number[],
  spread = 1,
  center = 0,
): Float32Array {
  const base = hash32(name);
  return new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, index) => {
    let x = (base + Math.imul(index, 0x9e3779b9)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    x ^= x >>> 15;
    return center + spread * ((x >>> 8) / 2 ** 23 - 1);
  });
}

/** A network's weight by its name: ranges that keep activations of order one. */
export function seededWeight(name: string, shape: readonly number[]): Float32Array {
  if (name.endsWith('running_mean')) return seeded(name, shape, 0.2);
  if (name.endsWith('running_var')) return seeded(name, shape, 0.5, 1);
  if (shape.length === 1) {
    const weight = name.endsWith('.weight');
    return seeded(name, shape, weight ? 0.25 : 0.2, weight ? 1 : 0);
  }
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  return seeded(name, shape, Math.sqrt(6 / fanIn));
}

export function seededState(shapes: ReadonlyMap<string, number[]>): StateDict {
  return new Map(
    [...shapes].map(([name, shape]) => [name, { shape, data: seededWeight(name, shape) }]),
  );
}
