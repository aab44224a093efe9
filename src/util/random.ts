/**
 * Seeded random numbers: one seed gives one run, on every machine.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix32.
 */
export type RandomState = [number, number, number, number];

export interface Random {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** A whole number in [0, end). */
  int(end: number): number;
  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** An independent stream for `label`, so that one consumer's use does not shift another's. */
  fork(label: string | number): Random;
  state(): RandomState;
}

export function createRandom(seed: number): Random {
  const split = splitmix32(seed);
  const random = fromState([split(), split(), split(), split()]);
  for (let i = 0; i < 12; i++) random.next();
  return random;
}

export function fromState(state: RandomState): Random {
  let [a, b, c, d] = state;
  const next32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  const next = (): number => next32() / 2 ** 32;
  const random: Random = {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    int: (end) => Math.floor(next() * end),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = random.int(i + 1);
        [copy[i], copy[j]] = [copy[j] as (typeof copy)[number], copy[i] as (typeof copy)[number]];
      }
      return copy;
    },
    fork: (label) => createRandom(hash32(`${a},${b},${c},${d}:${label}`)),
    state: () => [a, b, c, d],
  };
  return random;
}

/** FNV-1a over UTF-16 code units. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
}
