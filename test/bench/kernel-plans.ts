/**
 * What a plan dispatches for an op, by itself: programs and the buffers that they are run on. Batch
 * norm is statistics and coefficients forward (whoever reads the map applies them on the way), sums,
 * coefficients and the gradient of the map backward.
 */
import type { ConvKernel, KernelSpec, MapKernel } from '../../src/cli/bench-kernels.ts';
import type { KernelChoices } from '../../src/model/gpu/kernel-choices.ts';
import {
  finalizeGradient,
  gradientApply,
  gradientPartials,
  gradientSums,
} from '../../src/ops/batch_norm/gradient.wgsl.ts';
import {
  finalizeStatistics,
  statistics,
  statisticsPartials,
} from '../../src/ops/batch_norm/statistics.wgsl.ts';
import { convFilterGradient } from '../../src/ops/conv2d/filter-gradient.wgsl.ts';
import { convForward, convInputGradient } from '../../src/ops/conv2d/gather.wgsl.ts';
import {
  depthwiseFilterGradient,
  depthwiseForward,
  depthwiseInputGradient,
} from '../../src/ops/depthwise_conv2d/depthwise.wgsl.ts';
import {
  globalAvgPoolForward,
  globalAvgPoolGradientProgram,
} from '../../src/ops/global_avg_pool/global-avg-pool.wgsl.ts';
import { chunksFor } from '../../src/ops/gpu/chunks.ts';
import { padded, type Program } from '../../src/ops/gpu/program.ts';
import { coefficientRowCount, plain } from '../../src/ops/gpu/source.ts';
import { sumChunks } from '../../src/ops/gpu/sum-chunks.wgsl.ts';
import { maxPoolForward, maxPoolGradientProgram } from '../../src/ops/max_pool/max-pool.wgsl.ts';
import { optimizerStep, torchAdam } from '../../src/ops/optimizer/optimizer.wgsl.ts';
import {
  crossEntropy,
  metricNames,
} from '../../src/ops/softmax_cross_entropy/softmax-cross-entropy.wgsl.ts';
import { convWindow, kernelData, labelsOf, normOptions, poolWindow } from './kernel-data.ts';

/** A program on named buffers, one a binding. */
export type Use = readonly [program: Program, buffers: readonly string[]];

export interface KernelPlan {
  readonly batch: number;
  readonly uses: readonly Use[];
  readonly setup?: readonly Use[]; // once
  /** The buffers: their values, or how many floats of them there are. */
  readonly buffers: Readonly<Record<string, Float32Array | Uint32Array | number>>;
  readonly result: string;
}

export function planOf(spec: KernelSpec, choices: KernelChoices): KernelPlan {
  switch (spec.op) {
    case 'conv2d':
      return planConv(spec, choices);
    case 'depthwise_conv2d':
      return planDepthwise(spec, choices);
    case 'batch_norm':
      return planBatchNorm(spec, choices);
    case 'max_pool':
      return planMaxPool(spec);
    case 'global_avg_pool':
      return planGlobalAvgPool(spec);
    case 'softmax_cross_entropy': {
      const { batch, classes } = spec;
      const program = crossEntropy({ classes, labelSmoothing: 0, classWeights: false });
      const logits = kernelData('logits', batch * classes);
      const labels = Uint32Array.from(labelsOf(batch, classes));
      const metrics = metricNames.length;
      return {
        batch,
        uses: [[program, ['logits', 'labels', 'dLogits', 'metrics']]],
        buffers: { logits, labels, dLogits: logits.length, metrics },
        result: 'dLogits',
      };
    }
    case 'adam': {
      const size = spec.variables * spec.each;
      const options = { size, rule: torchAdam, clip: false, ema: false, groups: false };
      const names = ['parameters', 'gradients', 'm', 'v'];
      const parts = (name: string) =>
        Float32Array.from(
          Array.from({ length: spec.variables }, (_, i) => [
            ...kernelData(`${name}${i}`, spec.each),
          ]).flat(),
        );
      return {
        batch: 1,
        uses: [[optimizerStep(options), names]],
        buffers: {
          parameters: parts('parameters'),
          gradients: parts('gradients'),
          m: size,
          v: size,
        },
        result: 'parameters',
      };
    }
    default:
      return spec satisfies never;
  }
}

function mapSizes({ batch, size, inChannels, outChannels }: ConvKernel, outSize: number) {
  return { x: batch * size ** 2 * padded(inChannels), y: batch * outSize ** 2 * outChannels };
}

function planConv(spec: ConvKernel, choices: KernelChoices): KernelPlan {
  const { part, batch, inChannels, outChannels, kernel } = spec;
  const window = convWindow(spec);
  const shape = { batch, inChannels, outChannels, window };
  const sizes = mapSizes(spec, window.outSize[0]);
  const x = paddedMap(kernelData('x', batch * spec.size ** 2 * inChannels), inChannels);
  const filterSize = kernel ** 2 * inChannels * outChannels;
  const weight = kernelData('filter', filterSize);
  const dy = kernelData('dy', sizes.y);
  if (part === 'forward') {
    const program = convForward(shape, plain, choices.gather('forward', shape));
    const uses: Use[] = [[program, ['x', 'weight', 'y']]];
    return { batch, uses, buffers: { x, weight, y: sizes.y }, result: 'y' };
  }
  if (part === 'input_gradient') {
    const program = convInputGradient(shape, choices.gather('input', shape));
    const uses: Use[] = [[program, ['dy', 'weight', 'dx']]];
    return { batch, uses, buffers: { dy, weight, dx: sizes.x }, result: 'dx' };
  }
  const tile = choices.filter(shape);
  const chunks = choices.filterChunks(shape, tile);
  const program = convFilterGradient(shape, plain, tile, chunks);
  return { batch, ...planFilterGradient(program, filterSize, chunks, x, dy) };
}

function planDepthwise(spec: ConvKernel, choices: KernelChoices): KernelPlan {
  const { part, batch, inChannels: channels, kernel } = spec;
  const window = convWindow(spec);
  const shape = { batch, channels, window };
  const sizes = mapSizes(spec, window.outSize[0]);
  const x = kernelData('x', sizes.x);
  const weight = kernelData('filter', kernel ** 2 * channels);
  const dy = kernelData('dy', sizes.y);
  if (part === 'forward') {
    const uses: Use[] = [[depthwiseForward(shape, plain), ['x', 'weight', 'y']]];
    return { batch, uses, buffers: { x, weight, y: sizes.y }, result: 'y' };
  }
  if (part === 'input_gradient') {
    const uses: Use[] = [[depthwiseInputGradient(shape), ['dy', 'weight', 'dx']]];
    return { batch, uses, buffers: { dy, weight, dx: sizes.x }, result: 'dx' };
  }
  const chunks = choices.depthwiseChunks(shape);
  const program = depthwiseFilterGradient(shape, plain, chunks);
  return { batch, ...planFilterGradient(program, weight.length, chunks, x, dy) };
}

function planFilterGradient(
  program: Program,
  size: number,
  chunks: number,
  x: Float32Array,
  dy: Float32Array,
): Omit<KernelPlan, 'batch'> {
  const uses: Use[] =
    chunks === 1
      ? [[program, ['x', 'dy', 'total']]]
      : [
          [program, ['x', 'dy', 'parts']],
          [sumChunks(size, chunks), ['parts', 'total']],
        ];
  return { uses, buffers: { x, dy, parts: size * chunks, total: size }, result: 'total' };
}

function planBatchNorm({ batch, size, channels }: MapKernel, choices: KernelChoices): KernelPlan {
  const rowsPerImage = size ** 2;
  const floats = batch * rowsPerImage * channels;
  const { barriers, reductionLanes } = choices;
  const chunks = chunksFor(rowsPerImage, channels / 4, batch, reductionLanes);
  const forward = { batch, channels, chunks, barriers, ...normOptions };
  const sink = { mask: { kind: 'normalized', activation: 'relu' }, targets: 1 } as const;
  const back = { batch, channels, chunks, sink };
  const finalize = finalizeGradient({
    ...{ batch, channels, rowsPerImage, parts: chunks, sink, barriers },
    ...{ target: 0, statistics: 'batch' },
  });
  const apply = gradientApply({ batch, channels, rowsPerImage, inPlace: false });
  const ofNorm = ['gamma', 'beta', 'mean', 'variance'];
  return {
    batch,
    uses: [
      [statistics(forward), ['z', 'moments']],
      [finalizeStatistics(forward), ['moments', ...ofNorm, 'coef']],
      [gradientSums(back), ['g', 'z', 'coef', 'sums']],
      [finalize, ['sums', 'coef', 'dGamma', 'dBeta', 'back']],
      [apply, ['g', 'z', 'back', 'dz']],
    ],
    buffers: {
      z: kernelData('x', floats),
      g: kernelData('dy', floats),
      gamma: kernelData('gamma', channels),
      beta: kernelData('beta', channels),
      ...{ mean: channels, variance: channels, dGamma: channels, dBeta: channels },
      moments: statisticsPartials(forward),
      sums: gradientPartials(back),
      coef: coefficientRowCount * channels,
      ...{ back: 4 * channels, dz: floats },
    },
    result: 'dz',
  };
}

function planMaxPool(spec: MapKernel): KernelPlan {
  const { batch, size, channels } = spec;
  const window = poolWindow(spec);
  const shape = { batch, channels, window };
  const y = batch * window.outSize[0] ** 2 * channels;
  const x = kernelData('x', batch * size ** 2 * channels);
  return {
    batch,
    setup: [[maxPoolForward(shape, plain), ['x', 'y', 'winners']]],
    uses: [[maxPoolGradientProgram(shape), ['dy', 'winners', 'dx']]],
    buffers: { x, y, winners: y / 4, dy: kernelData('dy', y), dx: x.length },
    result: 'dx',
  };
}

function planGlobalAvgPool({ batch, size, channels }: MapKernel): KernelPlan {
  const shape = { batch, channels, pixels: size ** 2 };
  const floats = batch * size ** 2 * channels;
  return {
    batch,
    uses: [
      [globalAvgPoolForward(shape, plain), ['x', 'y']],
      [globalAvgPoolGradientProgram(shape), ['dy', 'dx']],
    ],
    buffers: {
      x: kernelData('x', floats),
      dy: kernelData('dy', batch * channels),
      ...{ y: batch * channels, dx: floats },
    },
    result: 'dx',
  };
}

function paddedMap(values: Float32Array, channels: number): Float32Array {
  const stride = padded(channels);
  if (stride === channels) return values;
  const map = new Float32Array((values.length / channels) * stride);
  for (let row = 0; row * channels < values.length; row++) {
    map.set(values.subarray(row * channels, (row + 1) * channels), row * stride);
  }
  return map;
}
