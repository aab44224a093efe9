/** The filter gradient in tiles of workgroup memory; a chunk is a run of output pixels. */
import { builtins, linearGroup, padded, range } from '../gpu/program.ts';
import type { FilterGradientParts } from './filter-gradient.wgsl.ts';
import { tiledThreads, type TiledTile } from './gather-tiled.wgsl.ts';

export function filterTiledGroups(tile: TiledTile, rows4: number, n4: number): number {
  return Math.ceil((rows4 * 4) / tile.rows) * Math.ceil((n4 * 4) / tile.columns);
}

export function filterTiledBody(tile: TiledTile, parts: FilterGradientParts): string {
  const { shape, rows4, n4, chunks, dy, store } = parts;
  const { kernel, stride, before, inSize, outSize } = shape.window;
  const [height, width] = inSize;
  const [outHeight, outWidth] = outSize;
  const c4 = padded(shape.inChannels) / 4;
  const threads = tiledThreads(tile);
  const tileRows4 = tile.rows / 4;
  const tileColumns4 = tile.columns / 4;
  const columnTiles = Math.ceil(n4 / tileColumns4);
  const rowTiles = Math.ceil(rows4 / tileRows4);
  const lanesAcross = tile.columns / tile.laneColumns;
  const lanesDown = tile.rows / tile.laneRows;
  const rows = range(tile.laneRows / 4);
  const columns = range(tile.laneColumns / 4);
  const each = (lines: string[], indent = '  ') => lines.join(`\n${indent}`);
  const loads = (size4: number) => range(Math.ceil((size4 * tile.depth) / threads));
  const inTile = (l: number, size4: number, code: string) =>
    (l + 1) * threads > size4 * tile.depth
      ? `if (lane + ${l * threads}u < ${size4 * tile.depth}u) { ${code} }`
      : code;
  const loadA = loads(tileRows4).map((l) =>
    inTile(
      l,
      tileRows4,
      `let e = lane + ${l * threads}u;
      let p = start + block * ${tile.depth}u + e / ${tileRows4}u;
      let m4 = m0 + e % ${tileRows4}u;
      let c = m4 % ${c4}u;
      let t = m4 / ${c4}u;
      let y = i32(p / ${outWidth}u % ${outHeight}u * ${stride}u + t / ${kernel}u) - ${before[0]};
      let x = i32(p % ${outWidth}u * ${stride}u + t % ${kernel}u) - ${before[1]};
      var value = vec4f();
      if (p < to && m4 < ${rows4}u && y >= 0 && y < ${height} && x >= 0 && x < ${width}) {
        let pixel = (p / ${outHeight * outWidth}u * ${height}u + u32(y)) * ${width}u + u32(x);
        value = read_x(pixel * ${c4}u + c, c);
      }
      tileA[e] = value;`,
    ),
  );
  const loadB = loads(tileColumns4).map((l) =>
    inTile(
      l,
      tileColumns4,
      `let e = lane + ${l * threads}u;
      let p = start + block * ${tile.depth}u + e / ${tileColumns4}u;
      let column = n0 + e % ${tileColumns4}u;
      var value = vec4f();
      if (p < to && column < ${n4}u) { value = ${dy.load(`p * ${n4}u + column`)}; }
      tileB[e] = value;`,
    ),
  );
  const braces = (code: string): string => `{\n      ${code}\n    }`;
  return `var<workgroup> tileA: array<vec4f, ${tileRows4 * tile.depth}>;
var<workgroup> tileB: array<vec4f, ${tileColumns4 * tile.depth}>;
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = ${linearGroup};
  let chunk = index / ${columnTiles * rowTiles}u;
  let n0 = index % ${columnTiles}u * ${tileColumns4}u;
  let m0 = index / ${columnTiles}u % ${rowTiles}u * ${tileRows4}u;
  let tx = lane % ${lanesAcross}u;
  let ty = lane / ${lanesAcross}u;
  let pixels = step.batch * ${outHeight * outWidth}u;
  let chunkPixels = (pixels + ${chunks - 1}u) / ${chunks}u;
  let start = chunk * chunkPixels;
  let to = min(pixels, start + chunkPixels);
  ${each(rows.flatMap((i) => range(4).flatMap((q) => columns.map((j) => `var acc${i}_${q}_${j} = vec4f();`))))}
  let blocks = (chunkPixels + ${tile.depth - 1}u) / ${tile.depth}u;
  for (var block = 0u; block < blocks; block++) {
    ${each([...loadA, ...loadB].map(braces), '    ')}
    workgroupBarrier();
    for (var k = 0u; k < ${tile.depth}u; k++) {
      ${each(
        rows.map((i) => `let a${i} = tileA[k * ${tileRows4}u + ty + ${i * lanesDown}u];`),
        '      ',
      )}
      ${each(
        columns.map((j) => `let b${j} = tileB[k * ${tileColumns4}u + tx + ${j * lanesAcross}u];`),
        '      ',
      )}
      ${each(
        rows.flatMap((i) =>
          range(4).flatMap((q) => columns.map((j) => `acc${i}_${q}_${j} += a${i}[${q}] * b${j};`)),
        ),
        '      ',
      )}
    }
    workgroupBarrier();
  }
  if (chunk >= ${chunks}u) { return; }
  ${each(
    rows.flatMap((i) =>
      range(4).flatMap((q) =>
        columns.map((j) =>
          store(
            'chunk',
            `m0 + ty + ${i * lanesDown}u`,
            q,
            `n0 + tx + ${j * lanesAcross}u`,
            `acc${i}_${q}_${j}`,
          ),
        ),
      ),
    ),
  )}
}
`;
}
