/** The bias of a linear layer on the GPU; its products are 1x1 convolutions on 1x1 maps. */
import { builtins, header, padded, type Program } from '../gpu/program.ts';
import type { Window } from '../window.ts';

const threads = 64;

/** A linear layer as a convolution. */
export const pointWindow: Window = {
  kernel: 1,
  stride: 1,
  inSize: [1, 1],
  outSize: [1, 1],
  before: [0, 0],
  after: [0, 0],
};

/** dLogits [N,C] → dBias [C] */
export function biasGradient(classes: number): Program {
  const stride = padded(classes);
  const bindings = [
    { name: 'dLogits', type: 'f32' },
    { name: 'dBias', type: 'f32' },
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let c = group.x * ${threads}u + lane;
  if (c >= ${classes}u) { return; }
  var sum = 0.0;
  for (var row = 0u; row < step.batch; row++) { sum += dLogits[row * ${stride}u + c]; }
  dBias[c] = sum;
}
`;
  return {
    label: 'linear/bias_gradient',
    wgsl,
    bindings,
    workgroups: [Math.ceil(classes / threads), 1, 1],
    flops: 0,
  };
}
