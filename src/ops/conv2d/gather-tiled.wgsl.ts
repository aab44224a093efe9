/**
 * The implicit GEMM of `geometry.wgsl.ts` in tiles: a workgroup brings a block of rows and a block
 * of the filter into its memory, and each lane multiplies a smaller tile out of them in registers.
 */
import { builtins, linearGroup, padded, range } from '../gpu/program.ts';
import type { GatherParts } from './gather.wgsl.ts';

export interface TiledTile {
  readonly kind: 'tiled';
  readonly rows: number; // of the block, a multiple of laneRows
  readonly columns: number; // channels of the block, a multiple of laneColumns
  readonly depth: number; // a multiple of 4
  readonly laneRows: number;
  readonly laneColumns: number; // a multiple of 4
}

export function tiledThreads(tile: TiledTile): number {
  return (tile.rows / tile.laneRows) * (tile.columns / tile.laneColumns);
}

/** Bytes of workgroup memory. */
export function tiledMemory({ rows, columns, depth }: TiledTile): number {
  return (rows + columns) * depth * 4;
}

export function tiledGroups(tile: TiledTile, rows: number, written: number): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(padded(written) / tile.columns);
}

export function tiledBody(tile: TiledTile, parts: GatherParts): string {
  const { geometry, tap, filterRows, finish } = parts;
  const { direction, read, written } = geometry;
  const threads = tiledThreads(tile);
  const depth4 = tile.depth / 4;
  const columns4 = tile.columns / 4;
  const lanesAcross = tile.columns / tile.laneColumns;
  const c4 = read / 4;
  const n4 = padded(written) / 4;
  const columnBlocks = Math.ceil(n4 / columns4);
  const forward = direction === 'forward';
  const loadsA = (tile.rows * depth4) / threads;
  const loadsB = (tile.columns * depth4) / threads;
  const rows = range(tile.laneRows);
  const columns = range(tile.laneColumns / 4);
  const each = (lines: string[], indent = '  ') => lines.join(`\n${indent}`);

  const loadA = range(Math.ceil(loadsA)).map(
    (l) => `{
      let e = lane + ${l * threads}u;
      let d = block * ${depth4}u + e % ${depth4}u;
      let t = d / ${c4}u;
      let c = d % ${c4}u;
      let p = pixel_at(rowA${l}, t / tapsWide, t % tapsWide);
      var value = vec4f();
      if (p >= 0 && d < depth) { value = read_x(u32(p) * ${c4}u + c, c); }
      ${guard(l, loadsA, `tileA[e] = value;`, tile.rows * depth4)}
    }`,
  );
  // Forward: [depth][columns4], four output channels an element; input gradient: [columns][depth4],
  // four channels of the depth an element, since that is how the filter lies in memory.
  const loadB = range(Math.ceil(loadsB)).map((l) =>
    forward
      ? `{
      let e = lane + ${l * threads}u;
      let k = block * ${tile.depth}u + e / ${columns4}u;
      let d = k / 4u;
      let t = d / ${c4}u;
      let ti = t / tapsWide;
      let tj = t % tapsWide;
      let tap = ${tap};
      let column = n0 + e % ${columns4}u;
      var value = vec4f();
      if (d < depth && column < ${n4}u) { value = ${filterRows('tap', `(d % ${c4}u)`, 'k % 4u', 'column')}; }
      ${guard(l, loadsB, `tileB[e] = value;`, tile.columns * depth4)}
    }`
      : `{
      let e = lane + ${l * threads}u;
      let d = block * ${depth4}u + e % ${depth4}u;
      let t = d / ${c4}u;
      let ti = t / tapsWide;
      let tj = t % tapsWide;
      let tap = ${tap};
      let column = e / ${depth4}u;
      var value = vec4f();
      if (d < depth) { value = ${filterRows('tap', `(d % ${c4}u)`, 'column % 4u', '(n0 + column / 4u)')}; }
      ${guard(l, loadsB, `tileB[e] = value;`, tile.columns * depth4)}
    }`,
  );
  const loadedB = columns.flatMap((j) =>
    range(4).map((q) =>
      forward
        ? `let b${q}_${j} = tileB[(k * 4u + ${q}u) * ${columns4}u + tx + ${j * lanesAcross}u];`
        : `let b${q}_${j} = tileB[((tx + ${j * lanesAcross}u) * 4u + ${q}u) * ${depth4}u + k];`,
    ),
  );
  const multiply = rows.flatMap((i) => [
    `let a${i} = tileA[(ty * ${tile.laneRows}u + ${i}u) * ${depth4}u + k];`,
    ...columns.map((j) => {
      const b = (q: number) => `b${q}_${j}`;
      return forward
        ? `acc${i}_${j} += a${i}.x * ${b(0)} + a${i}.y * ${b(1)} + a${i}.z * ${b(2)} + a${i}.w * ${b(3)};`
        : `acc${i}_${j} += vec4f(${range(4)
            .map((q) => `dot(a${i}, ${b(q)})`)
            .join(', ')});`;
    }),
  ]);
  return `var<workgroup> tileA: array<vec4f, ${tile.rows * depth4}>;
var<workgroup> tileB: array<vec4f, ${tile.columns * depth4}>;
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = ${linearGroup};
  let n0 = index % ${columnBlocks}u * ${columns4}u;
  let m0 = index / ${columnBlocks}u * ${tile.rows}u;
  let tx = lane % ${lanesAcross}u;
  let ty = lane / ${lanesAcross}u;
  let class_ = class_at(group.z);
  let tapsWide = max(class_.taps_j, 1u);
  let depth = class_.taps_i * class_.taps_j * ${c4}u; // in vec4s
  ${each(range(Math.ceil(loadsA)).map((l) => `let rowA${l} = row_at(m0 + (lane + ${l * threads}u) / ${depth4}u, class_);`))}
  ${each(rows.flatMap((i) => columns.map((j) => `var acc${i}_${j} = vec4f();`)))}
  let blocks = (depth + ${depth4 - 1}u) / ${depth4}u;
  for (var block = 0u; block < blocks; block++) {
    ${each(loadA, '    ')}
    ${each(loadB, '    ')}
    workgroupBarrier();
    for (var k = 0u; k < ${depth4}u; k++) {
      ${each(loadedB, '      ')}
      ${each(multiply, '      ')}
    }
    workgroupBarrier();
  }
  ${each(rows.map((i) => `let row${i} = row_at(m0 + ty * ${tile.laneRows}u + ${i}u, class_);`))}
  ${each(
    rows.flatMap((i) =>
      columns.map((j) => {
        const column = `n0 + tx + ${j * lanesAcross}u`;
        return `if (row${i}.valid && ${column} < ${n4}u) { ${finish(`row${i}.out`, column, `acc${i}_${j}`)} }`;
      }),
    ),
  )}
}
`;
}

/** The last load of a block may reach beyond it. */
function guard(load: number, loads: number, code: string, size: number): string {
  return load + 1 > loads ? `if (e < ${size}u) { ${code} }` : code;
}
