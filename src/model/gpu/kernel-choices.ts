/**
 * Which variant of each kernel a device gets: tiles, splits, and whether barriers are worth it. What
 * is here are the defaults; `autotune` replaces tiles by what it measured on the device.
 */
import type { FilterTile } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import { filterTiles } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import {
  convFlops,
  geometryOf,
  type ConvShape,
  type Direction,
} from '../../ops/conv2d/geometry.wgsl.ts';
import type { GatherTile } from '../../ops/conv2d/gather.wgsl.ts';
import { isSoftwareAdapter } from '../../device/adapter.ts';
import { padded } from '../../ops/gpu/program.ts';
import type { DepthwiseShape } from '../../ops/depthwise_conv2d/depthwise.wgsl.ts';

export interface KernelChoices {
  gather(direction: Direction, shape: ConvShape): GatherTile;
  filter(shape: ConvShape): FilterTile;
  /** Into how many chunks the depth of a filter gradient is split. */
  filterChunks(shape: ConvShape, tile: FilterTile): number;
  depthwiseChunks(shape: DepthwiseShape): number;
  /** Lanes that a sum over rows should keep busy. */
  readonly reductionLanes: number;
  readonly barriers: boolean;
}

/** Partial sums of one gradient stay below this. */
const maxPartialBytes = 32 * 2 ** 20;

function split(wanted: number, most: number, bytesEach: number): number {
  const fitting = Math.floor(maxPartialBytes / bytesEach);
  return Math.max(1, Math.min(Math.round(wanted), most, fitting));
}

function filterBytes({ inChannels, outChannels, window }: ConvShape): number {
  return 4 * window.kernel ** 2 * inChannels * outChannels;
}

/** A real GPU: thousands of lanes, workgroup memory, tiles large enough to be bound by arithmetic. */
export const gpuChoices: KernelChoices = {
  gather(direction, shape) {
    const { written, rowsPerImage } = geometryOf(direction, shape);
    const rows = rowsPerImage * shape.batch;
    // Few rows or columns leave most of a large tile empty.
    const tile = { kind: 'tiled', depth: 16 } as const;
    if (written <= 32) return { ...tile, rows: 64, columns: 32, laneRows: 4, laneColumns: 4 };
    if (rows * written < 64 * 64 * 256) {
      return { ...tile, rows: 32, columns: 64, laneRows: 4, laneColumns: 4 };
    }
    return { ...tile, rows: 64, columns: 64, laneRows: 8, laneColumns: 4 };
  },
  filter({ inChannels, outChannels, window }) {
    const rows = window.kernel ** 2 * padded(inChannels);
    const tile = { kind: 'tiled', depth: 16, laneRows: 4, laneColumns: 4 } as const;
    return {
      ...tile,
      rows: rows <= 32 ? 32 : 64,
      columns: outChannels <= 32 ? 32 : 64,
    };
  },
  filterChunks(shape, tile) {
    const pixels = shape.batch * shape.window.outSize[0] * shape.window.outSize[1];
    const most = Math.max(1, Math.floor(pixels / 256)); // as deep as 16 blocks at least
    const lanes = tile.kind === 'direct' ? 64 : 1; // of which each is a tile
    return split((512 * lanes) / filterTiles(shape, tile), most, filterBytes(shape));
  },
  depthwiseChunks({ batch, channels, window }) {
    const lines = batch * window.outSize[0];
    const lanes = 16384 / (padded(channels) / 4);
    return split(lanes, lines, 4 * window.kernel ** 2 * channels);
  },
  reductionLanes: 32768,
  barriers: true,
};

/** A GPU emulated on a few CPU cores: barriers are coroutine switches there, lanes are loops. */
export const softwareChoices: KernelChoices = {
  gather(direction, shape) {
    // Twice the columns run faster forward, but take the compiler longer: not for small work.
    const wide = direction === 'forward' && shape.outChannels >= 16 && convFlops(shape) >= 2e7;
    return { kind: 'direct', rows: 4, columns: wide ? 4 : 2 };
  },
  filter: () => ({ kind: 'direct', rows: 2, columns: 2 }),
  filterChunks(shape, tile) {
    const lines = shape.batch * shape.window.outSize[0];
    return split(256 / filterTiles(shape, tile), lines, filterBytes(shape));
  },
  depthwiseChunks({ batch, channels, window }) {
    const wanted = 256 / (padded(channels) / 4);
    return split(wanted, batch * window.outSize[0], 4 * window.kernel ** 2 * channels);
  },
  reductionLanes: 256,
  barriers: false,
};

export function choicesFor(device: GPUDevice): KernelChoices {
  return isSoftwareAdapter(device.adapterInfo) ? softwareChoices : gpuChoices;
}
