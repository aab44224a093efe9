/**
 * Depthwise convolution on the GPU: forward, input gradient, filter gradient. A lane works on four
 * channels of a small block of outputs (`stencil.ts`); there is no sum over channels, so memory is
 * what counts, and each pixel is read once a block.
 */
import { activationMap, gradientMap, type MapAccess, type Storage } from '../gpu/map.ts';
import {
  builtins,
  header,
  linearGroup,
  padded,
  spread,
  type Program,
  type StorageBinding,
} from '../gpu/program.ts';
import { plain, readFunction, sourceBindings, type Source } from '../gpu/source.ts';
import type { Window } from '../window.ts';
import { forwardStencil, inputStencil, rowsOf, type Stencil } from './stencil.ts';

const threads = 64;

export interface DepthwiseShape {
  readonly batch: number;
  readonly channels: number;
  readonly window: Window;
}

export function depthwiseFlops({ batch, channels, window }: DepthwiseShape): number {
  return 2 * batch * channels * window.outSize[0] * window.outSize[1] * window.kernel ** 2;
}

/** x [N,H,W,C] through `source`, weight [k,k,C,1] → y [N,H',W',C] */
export function depthwiseForward(
  shape: DepthwiseShape,
  source: Source,
  options: { storage?: Storage } = {},
): Program {
  const y = activationMap('y', options.storage);
  const { inSize, outSize } = shape.window;
  return gather('depthwise_conv2d/forward', shape, source, forwardStencil(shape.window), {
    read: inSize,
    written: outSize,
    y,
    finish: y.store,
  });
}

/** dy [N,H',W',C], weight → dx [N,H,W,C], written or added to what is there. */
export function depthwiseInputGradient(
  shape: DepthwiseShape,
  options: { accumulate?: boolean; storage?: Storage } = {},
): Program {
  const { accumulate = false, storage = 'f32' } = options;
  const y = gradientMap('y', storage);
  const source = { ...plain, storage };
  const { inSize, outSize } = shape.window;
  return gather('depthwise_conv2d/input_gradient', shape, source, inputStencil(shape.window), {
    read: outSize,
    written: inSize,
    y,
    finish: accumulate ? y.add : y.store,
  });
}

function gather(
  label: string,
  shape: DepthwiseShape,
  source: Source,
  stencil: Stencil,
  maps: {
    read: readonly [number, number];
    written: readonly [number, number];
    y: MapAccess;
    finish: MapAccess['store'];
  },
): Program {
  const { batch, channels } = shape;
  const c4 = padded(channels) / 4;
  const [height, width] = maps.read;
  const [outHeight, outWidth] = maps.written;
  const { outputs, high, wide, advance } = stencil;
  const blocksHigh = Math.ceil(outHeight / high);
  const blocksWide = Math.ceil(outWidth / wide);
  const weights = weightFunction(channels);
  const bindings: StorageBinding[] = [
    ...sourceBindings('x', source),
    { name: 'weight', type: weights.type, access: 'read' },
    maps.y.binding,
  ];
  const taps = [...new Set(stencil.terms.map(({ tap }) => tap))];
  const sums = rowsOf(stencil.terms).map(
    ({ y, pixels }) => `{
    let row = base_y ${signed(y)};
    let inside = row >= 0 && row < ${height};
    let line = (i32(n) * ${height} + clamp(row, 0, ${height - 1})) * ${width};
    ${pixels
      .map(
        ({ x, terms }) => `{
      let column = base_x ${signed(x)};
      let pixel = u32(line + clamp(column, 0, ${width - 1}));
      let value = select(vec4f(), read_x(pixel * ${c4}u + c, c), inside && column >= 0 && column < ${width});
      ${terms.map(({ o, tap }) => `acc${o} += value * w${tap};`).join('\n      ')}
    }`,
      )
      .join('\n    ')}
  }`,
  );
  const wgsl = `${header(bindings)}
${readFunction('x', source, c4)}
${weights.code}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  let c = index % ${c4}u;
  let block = index / ${c4}u;
  let n = block / ${blocksHigh * blocksWide}u;
  if (n >= step.batch) { return; }
  let block_y = block / ${blocksWide}u % ${blocksHigh}u;
  let block_x = block % ${blocksWide}u;
  let base_y = i32(block_y) * ${advance[0]};
  let base_x = i32(block_x) * ${advance[1]};
  ${taps.map((tap) => `let w${tap} = weight_at(${tap}u, c);`).join('\n  ')}
  ${outputs.map((_, o) => `var acc${o} = vec4f();`).join('\n  ')}
  ${sums.join('\n  ')}
  ${outputs
    .map(
      ({ y, x }, o) => `{
    let h = block_y * ${high}u + ${y}u;
    let w = block_x * ${wide}u + ${x}u;
    if (h < ${outHeight}u && w < ${outWidth}u) {
      ${maps.finish(`((n * ${outHeight}u + h) * ${outWidth}u + w) * ${c4}u + c`, `acc${o}`)}
    }
  }`,
    )
    .join('\n  ')}
}
`;
  return {
    label,
    wgsl,
    bindings,
    workgroups: spread((batch * blocksHigh * blocksWide * c4) / threads),
    flops: depthwiseFlops(shape),
  };
}

/** WGSL `weight_at(tap, c4)`: four channels of a filter [taps, C]. */
function weightFunction(channels: number): { type: string; code: string } {
  if (channels % 4 === 0) {
    const code = `fn weight_at(tap: u32, c: u32) -> vec4f { return weight[tap * ${channels / 4}u + c]; }`;
    return { type: 'vec4f', code };
  }
  const lane = (i: number): string =>
    `select(0.0, weight[tap * ${channels}u + min(c * 4u + ${i}u, ${channels - 1}u)], c * 4u + ${i}u < ${channels}u)`;
  const code = `fn weight_at(tap: u32, c: u32) -> vec4f {
  return vec4f(${[0, 1, 2, 3].map(lane).join(', ')});
}`;
  return { type: 'f32', code };
}

/**
 * x through `source`, dy → dWeight [chunks, k,k,C]: the taps of four channels are summed over a run
 * of output lines (n, oh), four pixels of a line at a time.
 */
export function depthwiseFilterGradient(
  shape: DepthwiseShape,
  source: Source,
  chunks: number,
  options: { storage?: Storage } = {},
): Program {
  const { channels, window } = shape;
  const { kernel, inSize, outSize } = window;
  const c4 = padded(channels) / 4;
  const [height, width] = inSize;
  const [outHeight, outWidth] = outSize;
  const { outputs, wide, advance, terms } = forwardStencil(window);
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => tap);
  const whole = channels % 4 === 0;
  const dy = gradientMap('dy', options.storage);
  const bindings = [
    ...sourceBindings('x', source),
    dy.binding,
    { name: 'dWeight', type: whole ? 'vec4f' : 'f32' },
  ];
  const store = whole
    ? (tap: number) => `dWeight[(chunk * ${taps.length}u + ${tap}u) * ${c4}u + c] = acc${tap};`
    : (tap: number) => `for (var i = 0u; i < 4u; i++) {
    if (c * 4u + i < ${channels}u) { dWeight[(chunk * ${taps.length}u + ${tap}u) * ${channels}u + c * 4u + i] = acc${tap}[i]; }
  }`;
  const sums = rowsOf(terms).map(
    ({ y, pixels }) => `{
        let row = base_y ${signed(y)};
        if (row >= 0 && row < ${height}) {
        let start = (i32(n) * ${height} + row) * ${width};
        ${pixels
          .map(
            ({ x, terms: here }) => `{
          let column = base_x ${signed(x)};
          let pixel = u32(start + clamp(column, 0, ${width - 1}));
          let value = select(vec4f(), read_x(pixel * ${c4}u + c, c), column >= 0 && column < ${width});
          ${here.map(({ o, tap }) => `acc${tap} += value * d${o};`).join('\n          ')}
        }`,
          )
          .join('\n        ')}
        }
      }`,
  );
  const wgsl = `${header(bindings)}
${readFunction('x', source, c4)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  let c = index % ${c4}u;
  let chunk = index / ${c4}u;
  if (chunk >= ${chunks}u) { return; }
  let lines = step.batch * ${outHeight}u;
  let chunkLines = (lines + ${chunks - 1}u) / ${chunks}u;
  let to = min(lines, (chunk + 1u) * chunkLines);
  ${taps.map((tap) => `var acc${tap} = vec4f();`).join('\n  ')}
  for (var line = chunk * chunkLines; line < to; line++) {
    let n = line / ${outHeight}u;
    let base_y = i32(line % ${outHeight}u) * ${advance[0]};
    for (var block = 0u; block < ${Math.ceil(outWidth / wide)}u; block++) {
      let base_x = i32(block) * ${advance[1]};
      let first = block * ${wide}u;
      ${outputs
        .map(
          ({ x }, o) =>
            `let d${o} = select(vec4f(), ${dy.load(`(line * ${outWidth}u + min(first + ${x}u, ${outWidth - 1}u)) * ${c4}u + c`)}, first + ${x}u < ${outWidth}u);`,
        )
        .join('\n      ')}
      ${sums.join('\n      ')}
    }
  }
  ${taps.map(store).join('\n  ')}
}
`;
  return {
    label: 'depthwise_conv2d/filter_gradient',
    wgsl,
    bindings,
    workgroups: spread((chunks * c4) / threads),
    flops: depthwiseFlops(shape),
  };
}

function signed(value: number): string {
  return value < 0 ? `- ${-value}` : `+ ${value}`;
}
