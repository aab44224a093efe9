/**
 * A convolution's filter gradient as an implicit GEMM: a row is a tap and an input channel, a column
 * an output channel, and the depth runs over all output pixels of the batch. That depth is cut in
 * chunks (split-K) that are summed by `gpu/sum-chunks.wgsl.ts`, since rows and columns alone would
 * keep few lanes busy.
 */
import { gradientMap, type MapAccess, type Storage } from '../gpu/map.ts';
import {
  builtins,
  header,
  linearGroup,
  padded,
  range,
  spread,
  type Program,
} from '../gpu/program.ts';
import { readFunction, sourceBindings, type Source } from '../gpu/source.ts';
import { convFlops, type ConvShape } from './geometry.wgsl.ts';
import { filterTiledBody, filterTiledGroups } from './filter-tiled.wgsl.ts';
import type { TiledTile } from './gather-tiled.wgsl.ts';

/** Without workgroup memory: vec4s of rows by vec4s of columns a lane. */
export interface DirectFilterTile {
  readonly kind: 'direct';
  readonly rows: number;
  readonly columns: number;
}

export type FilterTile = DirectFilterTile | TiledTile;

export interface FilterGradientParts {
  readonly shape: ConvShape;
  readonly rows4: number; // vec4s of rows: taps times padded input channels
  readonly n4: number; // vec4s of columns
  readonly chunks: number;
  readonly dy: MapAccess;
  /** Writes four channels of the depth's `row` (a vec4 of them, `m4`), component q, column n4. */
  store(chunk: string, m4: string, q: number, n4: string, value: string): string;
}

const threads = 64;

/** How many lanes or workgroups the rows and columns alone give: what splitting multiplies. */
export function filterTiles(shape: ConvShape, tile: FilterTile): number {
  const { rows4, n4 } = sizes(shape);
  return tile.kind === 'direct'
    ? Math.ceil(rows4 / tile.rows) * Math.ceil(n4 / tile.columns)
    : filterTiledGroups(tile, rows4, n4);
}

function sizes({ inChannels, outChannels, window }: ConvShape): { rows4: number; n4: number } {
  const rows4 = window.kernel ** 2 * (padded(inChannels) / 4);
  return { rows4, n4: padded(outChannels) / 4 };
}

/** x [N,H,W,Cin] through `source`, dy [N,H',W',Cout] → dWeight [chunks, k,k,Cin,Cout] */
export function convFilterGradient(
  shape: ConvShape,
  source: Source,
  tile: FilterTile,
  chunks: number,
  options: { storage?: Storage } = {},
): Program {
  const { inChannels, outChannels, window } = shape;
  const { kernel } = window;
  const { rows4, n4 } = sizes(shape);
  const whole = outChannels % 4 === 0;
  const dy = gradientMap('dy', options.storage);
  const bindings = [
    ...sourceBindings('x', source),
    dy.binding,
    { name: 'dWeight', type: whole ? 'vec4f' : 'f32' },
  ];
  const c4 = padded(inChannels) / 4;
  const size = kernel ** 2 * inChannels * outChannels;
  const store = whole
    ? `dWeight[chunk * ${size / 4}u + row * ${n4}u + n4] = value;`
    : `for (var i = 0u; i < 4u; i++) {
    if (n4 * 4u + i < ${outChannels}u) { dWeight[chunk * ${size}u + row * ${outChannels}u + n4 * 4u + i] = value[i]; }
  }`;
  const functions = `${readFunction('x', source, c4)}
fn store(chunk: u32, m4: u32, q: u32, n4: u32, value: vec4f) {
  let channel = m4 % ${c4}u * 4u + q;
  if (m4 >= ${rows4}u || n4 >= ${n4}u || channel >= ${inChannels}u) { return; }
  let row = m4 / ${c4}u * ${inChannels}u + channel;
  ${store}
}
`;
  const parts: FilterGradientParts = {
    shape,
    rows4,
    n4,
    chunks,
    dy,
    store: (chunk, m4, q, column, value) => `store(${chunk}, ${m4}, ${q}u, ${column}, ${value});`,
  };
  const body = tile.kind === 'direct' ? directBody(tile, parts) : filterTiledBody(tile, parts);
  const tiles = filterTiles(shape, tile);
  const groups = tile.kind === 'direct' ? (tiles * chunks) / threads : tiles * chunks;
  return {
    label: 'conv2d/filter_gradient',
    wgsl: [header(bindings), functions, body].join('\n'),
    bindings,
    workgroups: spread(groups),
    flops: convFlops(shape),
  };
}

/** A chunk is a run of output lines (n, oh); the taps of a lane's rows stay where they are. */
function directBody(tile: DirectFilterTile, parts: FilterGradientParts): string {
  const { shape, rows4, n4, chunks, dy, store } = parts;
  const { kernel, stride, before, inSize, outSize } = shape.window;
  const [height, width] = inSize;
  const [outHeight, outWidth] = outSize;
  const c4 = padded(shape.inChannels) / 4;
  const columnTiles = Math.ceil(n4 / tile.columns);
  const rowTiles = Math.ceil(rows4 / tile.rows);
  const rows = range(tile.rows);
  const columns = range(tile.columns);
  const each = (lines: string[], indent = '  ') => lines.join(`\n${indent}`);
  return `@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  let n0 = index % ${columnTiles}u * ${tile.columns}u;
  let m0 = index / ${columnTiles}u % ${rowTiles}u * ${tile.rows}u;
  let chunk = index / ${columnTiles * rowTiles}u;
  if (chunk >= ${chunks}u) { return; }
  let lines = step.batch * ${outHeight}u;
  let chunkLines = (lines + ${chunks - 1}u) / ${chunks}u;
  let to = min(lines, (chunk + 1u) * chunkLines);
  ${each(
    rows.map(
      (i) => `let c${i} = (m0 + ${i}u) % ${c4}u;
  let i${i} = i32((m0 + ${i}u) / ${c4 * kernel}u) - ${before[0]};
  let j${i} = i32((m0 + ${i}u) / ${c4}u % ${kernel}u) - ${before[1]};`,
    ),
  )}
  ${each(rows.flatMap((i) => range(4).flatMap((q) => columns.map((j) => `var acc${i}_${q}_${j} = vec4f();`))))}
  for (var line = chunk * chunkLines; line < to; line++) {
    let n = line / ${outHeight}u;
    let oh = i32(line % ${outHeight}u * ${stride}u);
    ${each(
      rows.map(
        (i) => `let inside${i} = oh + i${i} >= 0 && oh + i${i} < ${height};
    let line${i} = (i32(n) * ${height} + oh + i${i}) * ${width};`,
      ),
      '    ',
    )}
    for (var ow = 0u; ow < ${outWidth}u; ow++) {
      let at = (line * ${outWidth}u + ow) * ${n4}u;
      ${each(
        rows.map(
          (i) => `let x${i} = i32(ow * ${stride}u) + j${i};
      let ok${i} = inside${i} && x${i} >= 0 && x${i} < ${width};
      let a${i} = select(vec4f(), read_x(u32(max(line${i} + x${i}, 0)) * ${c4}u + c${i}, c${i}), ok${i});`,
        ),
        '      ',
      )}
      ${each(
        columns.map((j) => `let b${j} = ${dy.load(`at + min(n0 + ${j}u, ${n4 - 1}u)`)};`),
        '      ',
      )}
      ${each(
        rows.flatMap((i) =>
          range(4).flatMap((q) => columns.map((j) => `acc${i}_${q}_${j} += a${i}[${q}] * b${j};`)),
        ),
        '      ',
      )}
    }
  }
  ${each(
    rows.flatMap((i) =>
      range(4).flatMap((q) =>
        columns.map((j) => store('chunk', `m0 + ${i}u`, q, `n0 + ${j}u`, `acc${i}_${q}_${j}`)),
      ),
    ),
  )}
}
`;
}
