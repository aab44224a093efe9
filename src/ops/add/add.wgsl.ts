/** A residual connection on the GPU: activation(a + b), each read through its own source. */
import type { Activation } from '../kernels.ts';
import { activationMap, gradientMap, type Storage } from '../gpu/map.ts';
import { builtins, header, linearGroup, padded, spread, type Program } from '../gpu/program.ts';
import { activate, readFunction, sourceBindings, type Source } from '../gpu/source.ts';

const threads = 64;

export interface MapShape {
  readonly batch: number;
  readonly channels: number;
  readonly rowsPerImage: number; // H * W
}

/** a, b [N,H,W,C] → y [N,H,W,C] */
export function addForward(
  { batch, channels, rowsPerImage }: MapShape,
  [a, b]: readonly [Source, Source],
  activation: Activation,
  options: { storage?: Storage } = {},
): Program {
  const c4 = padded(channels) / 4;
  const y = activationMap('y', options.storage);
  const bindings = [...sourceBindings('a', a), ...sourceBindings('b', b), y.binding];
  const wgsl = `${header(bindings)}
${readFunction('a', a, c4)}
${readFunction('b', b, c4)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${rowsPerImage * c4}u) { return; }
  let c = index % ${c4}u;
  ${y.store('index', activate('(read_a(index, c) + read_b(index, c))', activation))}
}
`;
  return {
    label: 'add/forward',
    wgsl,
    bindings,
    workgroups: spread((batch * rowsPerImage * c4) / threads),
    flops: batch * rowsPerImage * channels,
  };
}

/** into += g, a gradient that reaches a value on two ways; or into = g, its own copy of a shared one. */
export function addGradient(
  { batch, channels, rowsPerImage }: MapShape,
  { copy, storage }: { copy: boolean; storage?: Storage },
): Program {
  const c4 = padded(channels) / 4;
  const [g, into] = [gradientMap('g', storage), gradientMap('into', storage)];
  const bindings = [g.binding, into.binding];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${rowsPerImage * c4}u) { return; }
  ${copy ? into.store('index', g.load('index')) : into.add('index', g.load('index'))}
}
`;
  return {
    label: copy ? 'add/copy' : 'add/gradient',
    wgsl,
    bindings,
    workgroups: spread((batch * rowsPerImage * c4) / threads),
    flops: copy ? 0 : batch * rowsPerImage * channels,
  };
}
