/** The second half of a split sum: [chunks, size] → [size]. */
import {
  builtins,
  header,
  linearGroup,
  spread,
  type Program,
  type StorageBinding,
} from './program.ts';

const threads = 64;

export function sumChunks(size: number, chunks: number): Program {
  const bindings: StorageBinding[] = [
    { name: 'parts', type: 'f32' },
    { name: 'total', type: 'f32' },
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= ${size}u) { return; }
  var sum = 0.0;
  for (var chunk = 0u; chunk < ${chunks}u; chunk++) { sum += parts[chunk * ${size}u + index]; }
  total[index] = sum;
}
`;
  return {
    label: 'sum_chunks',
    wgsl,
    bindings,
    workgroups: spread(size / threads),
    flops: size * chunks,
  };
}
