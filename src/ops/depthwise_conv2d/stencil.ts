/**
 * Which pixels a small block of outputs reads, worked out when the kernel is written: a lane computes
 * a block, loads each pixel that any of its outputs needs once, and multiplies it into all of them.
 * For an input gradient with stride 2, the block is one of each parity, so that no tap is tried in
 * vain.
 */
import type { Window } from '../window.ts';

/** Output `o` of the block takes the pixel at (y, x), relative to the block's base, times `tap`. */
export interface Term {
  readonly o: number;
  readonly y: number;
  readonly x: number;
  readonly tap: number;
}

export interface Stencil {
  /** Outputs of a block: their place in it. */
  readonly outputs: readonly { readonly y: number; readonly x: number }[];
  readonly high: number; // outputs a block, down and across
  readonly wide: number;
  /** Pixels that are read a block further on: base = block * advance + offset. */
  readonly advance: readonly [number, number];
  readonly terms: readonly Term[];
}

const across = 4;

/** Four outputs in a row. */
export function forwardStencil({ kernel, stride, before, outSize }: Window): Stencil {
  const wide = Math.min(across, outSize[1]);
  const outputs = Array.from({ length: wide }, (_, x) => ({ y: 0, x }));
  const terms = outputs.flatMap((output, o) =>
    tapsOf(kernel).map(([i, j]) => ({
      o,
      y: i - before[0],
      x: output.x * stride + j - before[1],
      tap: i * kernel + j,
    })),
  );
  return { outputs, high: 1, wide, advance: [stride, wide * stride], terms };
}

/** Four in a row for stride 1, else a square of stride by stride. */
export function inputStencil({ kernel, stride, before, inSize }: Window): Stencil {
  const wide = stride === 1 ? Math.min(across, inSize[1]) : stride;
  const high = stride;
  const outputs = Array.from({ length: high * wide }, (_, o) => ({
    y: Math.floor(o / wide),
    x: o % wide,
  }));
  const terms = outputs.flatMap((output, o) =>
    tapsOf(kernel).flatMap(([i, j]) => {
      const y = (output.y + before[0] - i) / stride;
      const x = (output.x + before[1] - j) / stride;
      if (!Number.isInteger(y) || !Number.isInteger(x)) return [];
      return [{ o, y, x, tap: i * kernel + j }];
    }),
  );
  return { outputs, high, wide, advance: [1, wide / stride], terms };
}

function tapsOf(kernel: number): [number, number][] {
  return Array.from({ length: kernel * kernel }, (_, t) => [Math.floor(t / kernel), t % kernel]);
}

/** The terms by the row and pixel that they read, in the order of reading. */
export function rowsOf(
  terms: readonly Term[],
): { y: number; pixels: { x: number; terms: Term[] }[] }[] {
  const unique = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  return unique(terms.map(({ y }) => y)).map((y) => {
    const row = terms.filter((term) => term.y === y);
    const pixels = unique(row.map(({ x }) => x)).map((x) => ({
      x,
      terms: row.filter((term) => term.x === x),
    }));
    return { y, pixels };
  });
}
