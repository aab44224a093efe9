/** What both engines' kernels work on: the same numbers, on the device before the clock runs. */
import type { ConvKernel, MapKernel } from '../../src/cli/bench-kernels.ts';
import { resolveWindow, type Window } from '../../src/ops/window.ts';
import { createRandom, hash32 } from '../../src/util/random.ts';

/** As many values as are read back after a turn. */
export const readCount = 256;

export const normOptions = { eps: 1e-3, momentum: 0.1 } as const;
export const poolOptions = { kernel: 3, stride: 2, padding: 1 } as const;

/** Weights of a batch norm are about 1, all else is in [-1, 1). */
export function kernelData(name: string, size: number): Float32Array {
  const random = createRandom(hash32(name));
  const [low, high] = name === 'gamma' ? [0.5, 1.5] : [-1, 1];
  return Float32Array.from({ length: size }, () => random.uniform(low, high));
}

/** Padded on all sides, as in the backbones that have stride 1 or PyTorch's padding. */
export function convPadding({ kernel }: ConvKernel): number {
  return (kernel - 1) / 2;
}

export function convWindow(spec: ConvKernel): Window {
  const padding = { mode: 'symmetric', size: convPadding(spec) } as const;
  return resolveWindow([spec.size, spec.size], { ...spec, padding });
}

export function poolWindow({ size }: MapKernel): Window {
  const { kernel, stride, padding } = poolOptions;
  const spec = { kernel, stride, padding: { mode: 'symmetric', size: padding } } as const;
  return resolveWindow([size, size], spec);
}

export function labelsOf(batch: number, classes: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, i) => (i * 7) % classes);
}
