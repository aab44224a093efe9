/** A convolution's forward pass and input gradient on the GPU (`geometry.wgsl.ts` has the idea). */
import { activationMap, gradientMap, type Storage } from '../gpu/map.ts';
import { header, padded, spread, type Program, type StorageBinding } from '../gpu/program.ts';
import { readFunction, sourceBindings, plain, type Source } from '../gpu/source.ts';
import {
  convFlops,
  filterFunctions,
  filterTap,
  geometryFunctions,
  geometryOf,
  type ConvShape,
  type Geometry,
} from './geometry.wgsl.ts';
import { directBody, directGroups, type DirectTile } from './gather-direct.wgsl.ts';
import { tiledBody, tiledGroups, type TiledTile } from './gather-tiled.wgsl.ts';

export type GatherTile = DirectTile | TiledTile;

/** What both bodies are made of: WGSL expressions of the names given. */
export interface GatherParts {
  readonly geometry: Geometry;
  readonly tap: string; // the filter's tap behind (ti, tj)
  /** Element q of the filter's block at (tap, vec4 c of the depth, vec4 n4 of the columns). */
  filterRows(tap: string, c: string, q: string, n4: string): string;
  /** What becomes of `value`, the finished sum at row `out`, column `n4`. */
  finish(out: string, n4: string, value: string): string;
}

/** x [N,H,W,Cin] through `source`, weight [k,k,Cin,Cout], bias [Cout] if any → y [N,H',W',Cout] */
export function convForward(
  shape: ConvShape,
  source: Source,
  tile: GatherTile,
  options: { bias?: boolean; storage?: Storage } = {},
): Program {
  const { inChannels, outChannels } = shape;
  const y = activationMap('y', options.storage);
  const filter = filterFunctions(shape);
  const bindings: StorageBinding[] = [
    ...sourceBindings('x', source),
    { name: 'weight', type: filter.type, access: 'read' },
    ...(options.bias ? [{ name: 'bias', type: 'f32', access: 'read' } as const] : []),
    y.binding,
  ];
  const biasFunction = `fn bias_at(n4: u32) -> vec4f {
  return vec4f(${[0, 1, 2, 3].map((i) => `select(0, bias[min(n4 * 4u + ${i}u, ${outChannels - 1}u)], n4 * 4u + ${i}u < ${outChannels}u)`).join(', ')});
}
`;
  const c4 = padded(outChannels) / 4;
  const functions = [
    readFunction('x', source, padded(inChannels) / 4),
    filter.code,
    options.bias ? biasFunction : '',
  ].join('');
  return gather('forward', shape, tile, bindings, functions, {
    // The map's channels may be padded, the filter's rows are not.
    filterRows(tap, c, q, n4) {
      const row = `filter_out(${tap} * ${inChannels}u + ${c} * 4u + ${q}, ${n4})`;
      if (inChannels % 4 === 0) return row;
      return `select(vec4f(), ${row}, ${c} * 4u + ${q} < ${inChannels}u)`;
    },
    finish: (out, n4, value) =>
      y.store(`${out} * ${c4}u + ${n4}`, options.bias ? `${value} + bias_at(${n4})` : value),
  });
}

/** dy [N,H',W',Cout], weight → dx [N,H,W,Cin], written or added to what is there. */
export function convInputGradient(
  shape: ConvShape,
  tile: GatherTile,
  options: { accumulate?: boolean; storage?: Storage } = {},
): Program {
  const { inChannels } = shape;
  const { accumulate = false, storage = 'f32' } = options;
  const dx = gradientMap('dx', storage);
  const filter = filterFunctions(shape);
  const bindings: StorageBinding[] = [
    gradientMap('x', storage).binding,
    { name: 'weight', type: filter.type, access: 'read' },
    dx.binding,
  ];
  const c4 = padded(inChannels) / 4;
  const functions =
    readFunction('x', { ...plain, storage }, padded(shape.outChannels) / 4) + filter.code;
  return gather('input', shape, tile, bindings, functions, {
    filterRows(tap, c, q, n4) {
      const channel = `${n4} * 4u + ${q}`;
      const row = `filter_out(${tap} * ${inChannels}u + min(${channel}, ${inChannels - 1}u), ${c})`;
      return inChannels % 4 === 0 ? row : `select(vec4f(), ${row}, ${channel} < ${inChannels}u)`;
    },
    finish(out, n4, value) {
      const index = `${out} * ${c4}u + ${n4}`;
      return accumulate ? dx.add(index, value) : dx.store(index, value);
    },
  });
}

function gather(
  direction: Geometry['direction'],
  shape: ConvShape,
  tile: GatherTile,
  bindings: readonly StorageBinding[],
  functions: string,
  how: Pick<GatherParts, 'filterRows' | 'finish'>,
): Program {
  const geometry = geometryOf(direction, shape);
  const parts: GatherParts = { geometry, tap: filterTap(direction, shape), ...how };
  const body = tile.kind === 'direct' ? directBody(tile, parts) : tiledBody(tile, parts);
  const rows = shape.batch * geometry.rowsPerImage;
  const groups =
    tile.kind === 'direct'
      ? directGroups(tile, rows, geometry.written)
      : tiledGroups(tile, rows, geometry.written);
  const [x, y] = spread(groups);
  return {
    label: direction === 'forward' ? 'conv2d/forward' : 'conv2d/input_gradient',
    wgsl: [header(bindings), geometryFunctions(direction, shape), functions, body].join('\n'),
    bindings,
    workgroups: [x, y, geometry.classes],
    flops: convFlops(shape),
  };
}
