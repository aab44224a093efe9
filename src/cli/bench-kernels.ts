/**
 * The single kernels that the bench times, at shapes of the three backbones: small enough for an
 * emulated GPU, where each run stays below a second.
 */

export interface ConvKernel {
  readonly op: 'conv2d' | 'depthwise_conv2d';
  readonly part: 'forward' | 'input_gradient' | 'filter_gradient';
  readonly batch: number;
  readonly size: number; // px of the input map, which is square
  readonly inChannels: number;
  readonly outChannels: number; // the same if depthwise
  readonly kernel: number;
  readonly stride: number;
}

/** Whole maps, forward and backward. */
export interface MapKernel {
  /**
   * `batch_norm`: with relu; `max_pool` (3x3, stride 2): the gradient alone; `global_avg_pool`: both
   * ways.
   */
  readonly op: 'batch_norm' | 'max_pool' | 'global_avg_pool';
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
}

export type KernelSpec =
  | ConvKernel
  | MapKernel
  | { readonly op: 'softmax_cross_entropy'; readonly batch: number; readonly classes: number }
  | { readonly op: 'adam'; readonly variables: number; readonly each: number };

export function kernelName(spec: KernelSpec): string {
  switch (spec.op) {
    case 'conv2d':
    case 'depthwise_conv2d': {
      const { op, part, batch, size, inChannels, outChannels, kernel, stride } = spec;
      const out = op === 'conv2d' ? `-${outChannels}` : '';
      return `kernel/${op}/${part}/b${batch}x${size}x${size}x${inChannels}${out}k${kernel}s${stride}`;
    }
    case 'batch_norm':
    case 'max_pool':
    case 'global_avg_pool': {
      const { op, batch, size, channels } = spec;
      const part = op === 'max_pool' ? 'gradient' : 'train';
      return `kernel/${op}/${part}/b${batch}x${size}x${size}x${channels}`;
    }
    case 'softmax_cross_entropy':
      return `kernel/${spec.op}/train/b${spec.batch}x${spec.classes}`;
    case 'adam':
      return `kernel/adam/step/${spec.variables}x${spec.each}`;
    default:
      return spec satisfies never;
  }
}

const convParts = ['forward', 'input_gradient', 'filter_gradient'] as const;

/** [N, H = W, Cin, Cout, k, s] */
type ConvSize = readonly [number, number, number, number, number, number];

const convSizes: readonly ConvSize[] = [
  [4, 16, 64, 64, 3, 1], // resnet18 at 64 px
  [2, 14, 256, 256, 3, 1], // at 224 px
  [2, 7, 512, 512, 3, 1],
  [4, 16, 64, 128, 3, 2],
  [4, 16, 64, 128, 1, 2], // beside it
  [2, 28, 32, 192, 1, 1], // mobilenet_v2 at 224 px
  [2, 28, 192, 32, 1, 1],
  [4, 14, 96, 576, 1, 1],
  [4, 7, 320, 1280, 1, 1], // both mobile nets' last
];

/** Of the image, whose gradient nobody asks for. */
const stemSizes: readonly ConvSize[] = [
  [4, 64, 3, 64, 7, 2], // resnet18
  [4, 64, 3, 32, 3, 2], // the mobile nets
];

const depthwiseSizes: readonly ConvSize[] = [
  [4, 28, 192, 192, 3, 1],
  [2, 56, 144, 144, 3, 2],
  [4, 14, 672, 672, 5, 1], // efficientnet_lite0
  [2, 28, 240, 240, 5, 2],
  [4, 7, 960, 960, 3, 1],
];

const mapSizes: Record<MapKernel['op'], readonly (readonly [number, number, number])[]> = {
  batch_norm: [
    [4, 16, 64],
    [4, 28, 192],
    [2, 56, 144],
    [4, 7, 960],
  ],
  max_pool: [[4, 32, 64]],
  global_avg_pool: [[8, 7, 1280]],
};

function convKernels(
  op: ConvKernel['op'],
  sizes: readonly ConvSize[],
  parts: readonly ConvKernel['part'][],
): ConvKernel[] {
  return parts.flatMap((part) =>
    sizes.map(([batch, size, inChannels, outChannels, kernel, stride]) => ({
      ...{ op, part, batch, size, inChannels, outChannels, kernel, stride },
    })),
  );
}

const maps = (Object.keys(mapSizes) as MapKernel['op'][]).flatMap((op) =>
  mapSizes[op].map(([batch, size, channels]): MapKernel => ({ op, batch, size, channels })),
);

export const kernelSpecs: readonly KernelSpec[] = [
  ...convKernels('conv2d', convSizes, convParts),
  ...convKernels('conv2d', stemSizes, ['forward', 'filter_gradient']),
  ...convKernels('depthwise_conv2d', depthwiseSizes, convParts),
  ...maps,
  { op: 'softmax_cross_entropy', batch: 32, classes: 8 },
  { op: 'softmax_cross_entropy', batch: 32, classes: 1000 },
  { op: 'adam', variables: 20, each: 50_000 },
];

/** One of each kind. */
export const usualKernels = [
  'kernel/conv2d/forward/b4x16x16x64-64k3s1',
  'kernel/conv2d/input_gradient/b4x16x16x64-64k3s1',
  'kernel/conv2d/filter_gradient/b4x16x16x64-64k3s1',
  'kernel/depthwise_conv2d/forward/b4x28x28x192k3s1',
  'kernel/depthwise_conv2d/filter_gradient/b4x28x28x192k3s1',
  'kernel/batch_norm/train/b4x28x28x192',
];
