/**
 * The implicit GEMM of `geometry.wgsl.ts` without workgroup memory: a lane computes a few rows by a
 * few vec4s of channels straight from the buffers. For adapters on which barriers are slow (emulated
 * ones), and for maps so small that a tile would be mostly empty.
 */
import { builtins, linearGroup, padded, range } from '../gpu/program.ts';
import type { GatherParts } from './gather.wgsl.ts';

export interface DirectTile {
  readonly kind: 'direct';
  readonly rows: number; // a lane
  readonly columns: number; // vec4s of output channels a lane
}

const threads = 64;

export function directLanes(tile: DirectTile, rows: number, written: number): number {
  const columnTiles = Math.ceil(padded(written) / 4 / tile.columns);
  return Math.ceil(rows / tile.rows) * columnTiles;
}

export function directGroups(tile: DirectTile, rows: number, written: number): number {
  return Math.ceil(directLanes(tile, rows, written) / threads);
}

export function directBody(tile: DirectTile, parts: GatherParts): string {
  const { geometry, tap, filterRows, finish } = parts;
  const { direction, rowsPerImage, read, written } = geometry;
  const c4 = read / 4;
  const n4 = padded(written) / 4;
  const columnTiles = Math.ceil(n4 / tile.columns);
  const rows = range(tile.rows);
  const columns = range(tile.columns);
  const each = (lines: string[], indent = '  ') => lines.join(`\n${indent}`);
  const multiply = rows.flatMap((i) =>
    columns.map((j) => {
      const b = (q: number) => `b${q}_${j}`;
      return direction === 'forward'
        ? `acc${i}_${j} += a${i}.x * ${b(0)} + a${i}.y * ${b(1)} + a${i}.z * ${b(2)} + a${i}.w * ${b(3)};`
        : `acc${i}_${j} += vec4f(${range(4)
            .map((q) => `dot(a${i}, ${b(q)})`)
            .join(', ')});`;
    }),
  );
  const column = (j: number) => `min(n0 + ${j}u, ${n4 - 1}u)`;
  return `@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  let n0 = index % ${columnTiles}u * ${tile.columns}u;
  let m0 = index / ${columnTiles}u * ${tile.rows}u;
  if (m0 >= step.batch * ${rowsPerImage}u) { return; }
  let class_ = class_at(group.z);
  ${each(rows.map((i) => `let row${i} = row_at(m0 + ${i}u, class_);`))}
  ${each(rows.flatMap((i) => columns.map((j) => `var acc${i}_${j} = vec4f();`)))}
  for (var ti = 0u; ti < class_.taps_i; ti++) {
    for (var tj = 0u; tj < class_.taps_j; tj++) {
      let tap = ${tap};
      ${each(
        rows.map((i) => `let p${i} = pixel_at(row${i}, ti, tj);`),
        '      ',
      )}
      ${each(
        rows.map((i) => `let at${i} = u32(max(p${i}, 0)) * ${c4}u;`),
        '      ',
      )}
      for (var c = 0u; c < ${c4}u; c++) {
        ${each(
          rows.map((i) => `let a${i} = select(vec4f(), read_x(at${i} + c, c), p${i} >= 0);`),
          '        ',
        )}
        ${each(
          columns.flatMap((j) =>
            range(4).map((q) => `let b${q}_${j} = ${filterRows('tap', 'c', `${q}u`, column(j))};`),
          ),
          '        ',
        )}
        ${each(multiply, '        ')}
      }
    }
  }
  ${each(
    rows.flatMap((i) =>
      columns.map(
        (j) =>
          `if (row${i}.valid && n0 + ${j}u < ${n4}u) { ${finish(`row${i}.out`, `n0 + ${j}u`, `acc${i}_${j}`)} }`,
      ),
    ),
  )}
}
`;
}
