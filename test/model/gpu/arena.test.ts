import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../../src/model/gpu/arena.ts';
import { align, type ArenaTensor } from '../../../src/model/gpu/tensors.ts';
import { AllocationError } from '../../../src/ops/allocation.ts';

const tensor = (label: string, bytes: number): ArenaTensor => ({ kind: 'arena', label, bytes });

describe('layOut', () => {
  it('never gives memory to two tensors at once, nor more than a slab holds', () => {
    const lives = fc.record({
      bytes: fc.integer({ min: 1, max: 4000 }),
      first: fc.nat(19),
      length: fc.nat(8),
    });
    fc.assert(
      fc.property(fc.array(lives, { minLength: 1, maxLength: 30 }), (made) => {
        const tensors = made.map(({ bytes }, i) => tensor(`t${i}`, bytes));
        const uses = Array.from({ length: 28 }, (_, at) =>
          tensors.filter((_t, i) => {
            const { first = 0, length = 0 } = made[i] ?? {};
            return at === first || at === first + length;
          }),
        );
        const slabBytes = 8192;
        const { places, slabs } = layOut(uses, slabBytes);
        for (const bytes of slabs) expect(bytes).toBeLessThanOrEqual(slabBytes);
        for (const [i, a] of tensors.entries()) {
          for (const [j, b] of tensors.entries()) {
            const [lifeA, lifeB] = [made[i], made[j]];
            const [placeA, placeB] = [places.get(a), places.get(b)];
            if (i >= j || !lifeA || !lifeB || !placeA || !placeB) continue;
            const together =
              lifeA.first <= lifeB.first + lifeB.length &&
              lifeB.first <= lifeA.first + lifeA.length;
            if (!together || placeA.slab !== placeB.slab) continue;
            const apart =
              placeA.offset + align(a.bytes) <= placeB.offset ||
              placeB.offset + align(b.bytes) <= placeA.offset;
            expect(apart, `${a.label} and ${b.label}`).toBe(true);
          }
        }
      }),
    );
  });

  it('uses memory again as soon as its last reader is done', () => {
    const [a, b, c] = [tensor('a', 1024), tensor('b', 1024), tensor('c', 1024)];
    const { slabs } = layOut([[a], [a, b], [b, c]], 2 ** 20);
    expect(slabs).toEqual([2048]);
  });

  it('keeps what must survive apart from all else', () => {
    const [a, b] = [tensor('a', 256), tensor('b', 256)];
    expect(layOut([[a], [b]], 2 ** 20).slabs).toEqual([256]);
    expect(layOut([[a], [b]], 2 ** 20, [a]).slabs).toEqual([512]);
  });

  it('opens another slab where one is full, and runs out of memory where none could hold it', () => {
    const tensors = [tensor('a', 600), tensor('b', 600)];
    expect(layOut([tensors], 1024).slabs).toEqual([768, 768]);
    expect(() => layOut([[tensor('large', 2000)]], 1024)).toThrow(AllocationError);
  });
});
