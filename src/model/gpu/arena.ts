/**
 * Where each tensor of a step lies: two tensors may share memory when none is needed while the other
 * is. Largest first, each at the lowest place that is free for its whole life ("greedy by size",
 * Pisarchyk and Lee 2020), in as many slabs as the device's limits make necessary.
 */
import { AllocationError } from '../../ops/allocation.ts';
import { align, type ArenaTensor, type Tensor } from './tensors.ts';

export interface Place {
  readonly slab: number;
  readonly offset: number; // bytes
}

export interface Arena {
  readonly places: ReadonlyMap<ArenaTensor, Place>;
  readonly slabs: readonly number[]; // bytes
}

/** The first and the last dispatch that uses a tensor, by index. */
interface Life {
  first: number;
  last: number;
}

/**
 * `uses`: the tensors of each dispatch in order; `kept` must survive the whole step. Throws where one
 * tensor alone is larger than `slabBytes`, which is running out of memory: a smaller batch may fit.
 */
export function layOut(
  uses: readonly (readonly Tensor[])[],
  slabBytes: number,
  kept: readonly ArenaTensor[] = [],
): Arena {
  const lives = new Map<ArenaTensor, Life>();
  uses.forEach((tensors, at) => {
    for (const tensor of tensors) {
      if (tensor.kind !== 'arena') continue;
      const life = lives.get(tensor);
      if (life) life.last = at;
      else lives.set(tensor, { first: at, last: at });
    }
  });
  for (const tensor of kept) lives.set(tensor, { first: -1, last: uses.length });

  const placed: { place: Place; end: number; life: Life }[] = [];
  const places = new Map<ArenaTensor, Place>();
  const slabs: number[] = [];
  const bySize = [...lives].sort(([a], [b]) => b.bytes - a.bytes);
  for (const [tensor, life] of bySize) {
    const bytes = align(tensor.bytes);
    if (bytes > slabBytes) throw new AllocationError(bytes);
    const rivals = placed.filter(
      (other) => other.life.first <= life.last && life.first <= other.life.last,
    );
    const place = firstFit(rivals, bytes, slabBytes);
    places.set(tensor, place);
    placed.push({ place, end: place.offset + bytes, life });
    slabs[place.slab] = Math.max(slabs[place.slab] ?? 0, place.offset + bytes);
  }
  return { places, slabs };
}

function firstFit(
  rivals: readonly { place: Place; end: number }[],
  bytes: number,
  slabBytes: number,
): Place {
  for (let slab = 0; ; slab++) {
    let offset = 0;
    const here = rivals
      .filter(({ place }) => place.slab === slab)
      .sort((a, b) => a.place.offset - b.place.offset);
    for (const { place, end } of here) {
      if (place.offset - offset >= bytes) break;
      offset = Math.max(offset, end);
    }
    if (offset + bytes <= slabBytes) return { slab, offset };
  }
}
