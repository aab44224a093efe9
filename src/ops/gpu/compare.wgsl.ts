/** For trials of kernels: numbers to compute with, and how far two results are apart. */
import { builtins, header, linearGroup, spread, type Program } from './program.ts';

const threads = 64;

/** → values [size], uniform in [-1, 1), another sequence for each of the step's seeds. */
export function fillUniform(size: number): Program {
  const bindings = [{ name: 'values', type: 'f32' }];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= ${size}u) { return; }
  var x = (index + step.seed * 0x51ed270bu) * 0x9e3779b9u;
  x = (x ^ (x >> 16u)) * 0x21f0aaadu;
  x = (x ^ (x >> 15u)) * 0x735a2d97u;
  x ^= x >> 15u;
  values[index] = f32(x >> 8u) / 8388608.0 - 1.0;
}
`;
  return { label: 'fill_uniform', wgsl, bindings, workgroups: spread(size / threads), flops: 0 };
}

/** How many pairs `largestDifference` leaves. */
export const differenceParts = 1024;

/** a, b [size] → parts [differenceParts, 2]: the largest |a - b|, the largest |b|. */
export function largestDifference(size: number): Program {
  const bindings = [
    { name: 'a', type: 'f32' },
    { name: 'b', type: 'f32' },
    { name: 'parts', type: 'f32' },
  ];
  // Compilers may take it that nothing is NaN: the bits tell.
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let part = group.x * ${threads}u + lane;
  var difference = 0.0;
  var largest = 0.0;
  for (var index = part; index < ${size}u; index += ${differenceParts}u) {
    let finite = (bitcast<u32>(a[index]) & 0x7f800000u) != 0x7f800000u;
    difference = max(difference, select(3.0e38, abs(a[index] - b[index]), finite));
    largest = max(largest, abs(b[index]));
  }
  parts[part * 2u] = difference;
  parts[part * 2u + 1u] = largest;
}
`;
  return {
    label: 'largest_difference',
    wgsl,
    bindings,
    workgroups: [differenceParts / threads, 1, 1],
    flops: 0,
  };
}
