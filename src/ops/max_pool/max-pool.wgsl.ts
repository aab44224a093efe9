/**
 * Max pooling on the GPU with PyTorch's rules: padding never wins, and of equal maxima the first in
 * row order does. The forward pass notes each winner's tap in a byte, so that the gradient, which
 * gathers (no atomics), gives to exactly one.
 */
import { activationMap, gradientMap, type Storage } from '../gpu/map.ts';
import { builtins, header, linearGroup, padded, spread, type Program } from '../gpu/program.ts';
import { readFunction, sourceBindings, type Source } from '../gpu/source.ts';
import type { Window } from '../window.ts';

const threads = 64;

export interface PoolShape {
  readonly batch: number;
  readonly channels: number;
  readonly window: Window;
}

/** x [N,H,W,C] through `source` → y [N,H',W',C], winners [N,H',W',C4] (a byte a channel) */
export function maxPoolForward(
  shape: PoolShape,
  source: Source,
  options: { storage?: Storage } = {},
): Program {
  const { batch, channels, window } = shape;
  const { kernel, stride, before, inSize, outSize } = window;
  const c4 = padded(channels) / 4;
  const [height, width] = inSize;
  const [outHeight, outWidth] = outSize;
  const y = activationMap('y', options.storage);
  const bindings = [...sourceBindings('x', source), y.binding, { name: 'winners', type: 'u32' }];
  const wgsl = `${header(bindings)}
${readFunction('x', source, c4)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${outHeight * outWidth * c4}u) { return; }
  let c = index % ${c4}u;
  let pixel = index / ${c4}u;
  let n = i32(pixel / ${outHeight * outWidth}u);
  let top = i32(pixel / ${outWidth}u % ${outHeight}u * ${stride}u) - ${before[0]};
  let left = i32(pixel % ${outWidth}u * ${stride}u) - ${before[1]};
  var best = vec4f(-3.4e38);
  var winner = vec4u(255);
  for (var i = 0; i < ${kernel}; i++) {
    let row = top + i;
    if (row < 0 || row >= ${height}) { continue; }
    for (var j = 0; j < ${kernel}; j++) {
      let column = left + j;
      if (column < 0 || column >= ${width}) { continue; }
      let value = read_x(u32((n * ${height} + row) * ${width} + column) * ${c4}u + c, c);
      let wins = (value > best) | (winner == vec4u(255));
      best = select(best, value, wins);
      winner = select(winner, vec4u(u32(i * ${kernel} + j)), wins);
    }
  }
  ${y.store('index', 'best')}
  winners[index] = winner.x | (winner.y << 8) | (winner.z << 16) | (winner.w << 24);
}
`;
  return {
    label: 'max_pool/forward',
    wgsl,
    bindings,
    workgroups: spread((batch * outHeight * outWidth * c4) / threads),
    flops: batch * outHeight * outWidth * channels * kernel * kernel,
  };
}

/** dy [N,H',W',C], winners → dx [N,H,W,C] */
export function maxPoolGradientProgram(
  shape: PoolShape,
  options: { accumulate?: boolean; storage?: Storage } = {},
): Program {
  const { accumulate = false, storage } = options;
  const { batch, channels, window } = shape;
  const { kernel, stride, before, inSize, outSize } = window;
  const c4 = padded(channels) / 4;
  const [height, width] = inSize;
  const [outHeight, outWidth] = outSize;
  const [dy, dx] = [gradientMap('dy', storage), gradientMap('dx', storage)];
  const bindings = [dy.binding, { name: 'winners', type: 'u32' }, dx.binding];
  // Windows over a pixel: those whose first row is at most it, and whose last is at least it.
  const firstWindow = (at: string) => `max(0, (${at} - ${kernel} + ${stride}) / ${stride})`;
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${height * width * c4}u) { return; }
  let c = index % ${c4}u;
  let pixel = index / ${c4}u;
  let n = i32(pixel / ${height * width}u);
  let h = i32(pixel / ${width}u % ${height}u) + ${before[0]};
  let w = i32(pixel % ${width}u) + ${before[1]};
  var sum = vec4f();
  for (var oh = ${firstWindow('h')}; oh <= min(h / ${stride}, ${outHeight - 1}); oh++) {
    for (var ow = ${firstWindow('w')}; ow <= min(w / ${stride}, ${outWidth - 1}); ow++) {
      let at = u32((n * ${outHeight} + oh) * ${outWidth} + ow) * ${c4}u + c;
      let tap = u32((h - oh * ${stride}) * ${kernel} + w - ow * ${stride});
      let packed = winners[at];
      let winner = (vec4u(packed) >> vec4u(0, 8, 16, 24)) & vec4u(255);
      sum += select(vec4f(), ${dy.load('at')}, winner == vec4u(tap));
    }
  }
  ${accumulate ? dx.add('index', 'sum') : dx.store('index', 'sum')}
}
`;
  return {
    label: 'max_pool/gradient',
    wgsl,
    bindings,
    workgroups: spread((batch * height * width * c4) / threads),
    flops: batch * outHeight * outWidth * channels,
  };
}
