/**
 * The convolutions of a plan, gathered into classes that one tile serves: the same pass, kernel and
 * stride, and products of about the same size. One trial a class covers a network.
 */
import { convFlops, geometryOf, type ConvShape } from '../../ops/conv2d/geometry.wgsl.ts';
import { torchAdam } from '../../ops/optimizer/optimizer.wgsl.ts';
import type { KernelChoices } from './kernel-choices.ts';
import { planTraining, type PlanOptions } from './step-plan.ts';

export const convParts = ['forward', 'input', 'filter'] as const;
export type ConvPart = (typeof convParts)[number];

export interface ShapeClass {
  readonly key: string; // 'forward/k3s1/r6c6d5'
  readonly part: ConvPart;
  readonly shape: ConvShape; // the one with the most work
  readonly flops: number; // of all of them
}

/** Columns decide which tile fits, so they are kept apart by factors of two, the rest by four. */
export function classKey(part: ConvPart, shape: ConvShape): string {
  const { inChannels, outChannels, window, batch } = shape;
  const { kernel, stride } = window;
  const [rows, columns, depth] = productSize(part, shape);
  const log = (value: number, base: number): number =>
    Math.round(Math.log2(Math.max(1, value)) / Math.log2(base));
  const size = `r${log(rows, 4)}c${log(columns, 2)}d${log(depth, 4)}`;
  // A stem's three channels, and batches of one, are cases of their own.
  const odd = [inChannels < 4 ? 'i' : '', outChannels < 4 ? 'o' : '', batch === 1 ? 'b' : ''];
  return `${part}/k${kernel}s${stride}/${size}${odd.join('')}`;
}

function productSize(part: ConvPart, shape: ConvShape): [rows: number, cols: number, deep: number] {
  const { batch, inChannels, outChannels, window } = shape;
  if (part === 'filter') {
    const pixels = batch * window.outSize[0] * window.outSize[1];
    return [window.kernel ** 2 * inChannels, outChannels, pixels];
  }
  const { rowsPerImage, written, read, taps } = geometryOf(part, shape);
  return [batch * rowsPerImage, written, taps * read];
}

/** The classes of a network's training step, the one with the most work first. */
export function shapeClasses(options: PlanOptions): ShapeClass[] {
  const { choices } = options;
  const classes = new Map<string, ShapeClass>();
  const note = (part: ConvPart, shape: ConvShape): void => {
    const key = classKey(part, shape);
    const flops = convFlops(shape);
    const known = classes.get(key);
    const larger = known !== undefined && convFlops(known.shape) >= flops ? known.shape : shape;
    classes.set(key, { key, part, shape: larger, flops: (known?.flops ?? 0) + flops });
  };
  const noting: KernelChoices = {
    ...choices,
    gather(direction, shape) {
      note(direction, shape);
      return choices.gather(direction, shape);
    },
    filter(shape) {
      note('filter', shape);
      return choices.filter(shape);
    },
  };
  planTraining({ ...options, choices: noting }, { rule: torchAdam });
  return [...classes.values()].sort((a, b) => b.flops - a.flops);
}
