/** The tiles that tuning tries, and the choices that follow from what won. */
import type { FilterTile } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import { tiledMemory, tiledThreads } from '../../ops/conv2d/gather-tiled.wgsl.ts';
import type { GatherTile } from '../../ops/conv2d/gather.wgsl.ts';
import type { ConvShape } from '../../ops/conv2d/geometry.wgsl.ts';
import type { KernelChoices } from './kernel-choices.ts';
import { classKey, type ConvPart } from './shape-classes.ts';

export type Tile = GatherTile | FilterTile; // one shape serves all passes

export interface TileVariants {
  /** The first of each is the reference: no workgroup memory, nothing that a driver gets wrong. */
  readonly gather: readonly Tile[];
  readonly filter: readonly Tile[];
}

export function tilesOf({ gather, filter }: TileVariants, part: ConvPart): readonly Tile[] {
  return part === 'filter' ? filter : gather;
}

export function tileName(tile: Tile): string {
  if (tile.kind === 'direct') return `direct ${tile.rows}x${tile.columns}`;
  const { rows, columns, depth, laneRows, laneColumns } = tile;
  return `tiled ${rows}x${columns}x${depth}/${laneRows}x${laneColumns}`;
}

function tiled(
  ...[rows, columns, depth, laneRows, laneColumns]: [number, number, number, number, number]
): Tile {
  return { kind: 'tiled', rows, columns, depth, laneRows, laneColumns };
}

function direct(rows: number, columns: number): Tile {
  return { kind: 'direct', rows, columns };
}

const gpuVariants: TileVariants = {
  gather: [
    direct(4, 2),
    tiled(64, 64, 16, 8, 4),
    tiled(64, 64, 16, 4, 4),
    tiled(128, 64, 16, 8, 8),
    tiled(32, 64, 16, 4, 4),
    tiled(64, 32, 16, 4, 4),
    tiled(64, 64, 8, 8, 8),
    tiled(32, 32, 16, 4, 4),
  ],
  filter: [
    direct(2, 2),
    tiled(64, 64, 16, 4, 4),
    tiled(64, 64, 16, 8, 4),
    tiled(64, 64, 16, 8, 8),
    tiled(64, 32, 16, 4, 4),
    tiled(32, 64, 16, 4, 4),
    tiled(32, 32, 16, 4, 4),
  ],
};

/** Emulated GPUs: barriers are slow, lanes are loops. */
const softwareVariants: TileVariants = {
  gather: [direct(4, 2), direct(2, 2), direct(4, 4), direct(8, 2), direct(8, 4), direct(2, 4)],
  filter: [direct(2, 2), direct(1, 2), direct(1, 4), direct(2, 4), direct(1, 1)],
};

/** Those that the device has the lanes and the workgroup memory for. */
export function variantsFor(
  { limits }: Pick<GPUDevice, 'limits'>,
  software: boolean,
): TileVariants {
  const all = software ? softwareVariants : gpuVariants;
  const fits = (tile: Tile): boolean =>
    tile.kind === 'direct' ||
    (tiledThreads(tile) <= limits.maxComputeInvocationsPerWorkgroup &&
      tiledThreads(tile) <= limits.maxComputeWorkgroupSizeX &&
      tiledMemory(tile) <= limits.maxComputeWorkgroupStorageSize);
  return { gather: all.gather.filter(fits), filter: all.filter.filter(fits) };
}

/** `base`, but for the shape classes that a tile of `variants` has won. */
export function withTiles(
  base: KernelChoices,
  variants: TileVariants,
  chosen: Readonly<Record<string, string>>,
): KernelChoices {
  const find = (part: ConvPart, shape: ConvShape): Tile | undefined => {
    const name = chosen[classKey(part, shape)];
    return tilesOf(variants, part).find((tile) => tileName(tile) === name);
  };
  return {
    ...base,
    gather: (direction, shape) => find(direction, shape) ?? base.gather(direction, shape),
    filter: (shape) => find('filter', shape) ?? base.filter(shape),
  };
}
