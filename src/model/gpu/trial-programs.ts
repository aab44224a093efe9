/** What a trial of a tile runs, and the buffers that it takes. */
import { convFilterGradient } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import { convForward, convInputGradient } from '../../ops/conv2d/gather.wgsl.ts';
import { convFlops, type ConvShape } from '../../ops/conv2d/geometry.wgsl.ts';
import { padded, type Program } from '../../ops/gpu/program.ts';
import { coefficientRowCount, type Source } from '../../ops/gpu/source.ts';
import { sumChunks } from '../../ops/gpu/sum-chunks.wgsl.ts';
import type { KernelChoices } from './kernel-choices.ts';
import type { ConvPart } from './shape-classes.ts';
import type { Tile } from './tile-variants.ts';

/** A pass of one convolution, with one of the variants' tiles. */
export interface Trial {
  readonly part: ConvPart;
  readonly shape: ConvShape;
  readonly tile: Tile;
}

/** As convolutions read their input, but that no activation may hide a channel from the check. */
const source: Source = { normalized: true, activation: 'linear' };

export function trialPrograms(trial: Trial, choices: KernelChoices): Program[] {
  const { part, shape, tile } = trial;
  if (part === 'forward') return [convForward(shape, source, tile)];
  if (part === 'input') return [convInputGradient(shape, tile)];
  const chunks = choices.filterChunks(shape, tile);
  const gradient = convFilterGradient(shape, source, tile, chunks);
  return chunks === 1 ? [gradient] : [gradient, sumChunks(filterSize(shape), chunks)];
}

export type Slot = 'x' | 'coef' | 'weight' | 'dy' | 'parts' | 'result';

/** Where a program's binding lies. */
export function slotOf(binding: string, programs: readonly Program[]): Slot {
  switch (binding) {
    case 'x':
    case 'weight':
    case 'dy':
    case 'parts':
      return binding;
    case 'xCoef':
      return 'coef';
    case 'dWeight':
      return programs.length === 1 ? 'result' : 'parts';
    default:
      return 'result'; // y, dx, total
  }
}

/** Floats of each buffer. */
export function slotSizes(trial: Trial, choices: KernelChoices): Record<Slot, number> {
  const { part, shape, tile } = trial;
  const { batch, inChannels, outChannels, window } = shape;
  const [input, output] = [
    batch * window.inSize[0] * window.inSize[1] * padded(inChannels),
    batch * window.outSize[0] * window.outSize[1] * padded(outChannels),
  ];
  const weight = filterSize(shape);
  const coef = coefficientRowCount * padded(inChannels);
  const none = { x: input, coef, weight, dy: 0, parts: 0 };
  if (part === 'forward') return { ...none, result: output };
  if (part === 'input') return { ...none, x: output, result: input };
  const chunks = choices.filterChunks(shape, tile);
  return { ...none, dy: output, parts: chunks === 1 ? 0 : chunks * weight, result: weight };
}

function filterSize({ inChannels, outChannels, window }: ConvShape): number {
  return window.kernel ** 2 * inChannels * outChannels;
}

/** So many photos of the batch that a trial is neither too short to time nor too long to wait for. */
export function trialShape(shape: ConvShape): ConvShape {
  const perPhoto = { ...shape, batch: 1 };
  const { window, inChannels, outChannels } = shape;
  const floats = Math.max(
    window.inSize[0] * window.inSize[1] * padded(inChannels),
    window.outSize[0] * window.outSize[1] * padded(outChannels),
  );
  const most = Math.min(mostFlops / convFlops(perPhoto), mostBytes / (4 * floats));
  return { ...shape, batch: Math.max(1, Math.min(shape.batch, Math.floor(most))) };
}

const mostFlops = 4e9;
const mostBytes = 128 * 2 ** 20; // a buffer
