/** A copy of a buffer: nothing but memory traffic, to see how fast a device's memory is. */
import { builtins, header, linearGroup, spread, type Program } from './program.ts';

const threads = 64;

/** x → y, `bytes` of them, a multiple of 16 */
export function copy(bytes: number): Program {
  const count = bytes / 16;
  const bindings = [
    { name: 'x', type: 'vec4f' },
    { name: 'y', type: 'vec4f' },
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let i = (${linearGroup}) * ${threads}u + lane;
  if (i < ${count}u) { y[i] = x[i]; }
}
`;
  return {
    label: 'copy',
    wgsl,
    bindings,
    workgroups: spread(count / threads),
    flops: 0,
  };
}
