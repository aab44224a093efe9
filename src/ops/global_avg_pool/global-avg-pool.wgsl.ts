/** Mean over H and W on the GPU, and its gradient: an equal share for every pixel. */
import { gradientMap, type Storage } from '../gpu/map.ts';
import { builtins, header, linearGroup, padded, spread, type Program } from '../gpu/program.ts';
import { readFunction, sourceBindings, type Source } from '../gpu/source.ts';

const threads = 64;

export interface GlobalPoolShape {
  readonly batch: number;
  readonly channels: number;
  readonly pixels: number; // H * W
}

/** x [N,H,W,C] through `source` → y [N,C] */
export function globalAvgPoolForward(shape: GlobalPoolShape, source: Source): Program {
  const { batch, channels, pixels } = shape;
  const c4 = padded(channels) / 4;
  const bindings = [...sourceBindings('x', source), { name: 'y', type: 'vec4f' }];
  const wgsl = `${header(bindings)}
${readFunction('x', source, c4)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${c4}u) { return; }
  let c = index % ${c4}u;
  let n = index / ${c4}u;
  var sum = vec4f();
  for (var pixel = 0u; pixel < ${pixels}u; pixel++) {
    sum += read_x((n * ${pixels}u + pixel) * ${c4}u + c, c);
  }
  y[index] = sum / ${pixels};
}
`;
  return {
    label: 'global_avg_pool/forward',
    wgsl,
    bindings,
    workgroups: spread((batch * c4) / threads),
    flops: batch * channels * pixels,
  };
}

/** dy [N,C] → dx [N,H,W,C], of `storage` */
export function globalAvgPoolGradientProgram(
  shape: GlobalPoolShape,
  options: { storage?: Storage } = {},
): Program {
  const { batch, channels, pixels } = shape;
  const c4 = padded(channels) / 4;
  const [dy, dx] = [gradientMap('dy'), gradientMap('dx', options.storage)];
  const bindings = [dy.binding, dx.binding];
  const share = dy.load(`index / ${pixels * c4}u * ${c4}u + index % ${c4}u`);
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${pixels * c4}u) { return; }
  ${dx.store('index', `${share} / ${pixels}`)}
}
`;
  return {
    label: 'global_avg_pool/gradient',
    wgsl,
    bindings,
    workgroups: spread((batch * pixels * c4) / threads),
    flops: batch * channels * pixels,
  };
}
