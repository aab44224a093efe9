/**
 * Batch norm's gradient (train mode, or with frozen statistics). Sums over the batch first: of the
 * gradient g of its output, and of g times the normalized input; then every element's gradient is
 * affine in g and z by channel:
 *   dz = scale * (g - mean(g) - zhat * mean(g * zhat)),  zhat = (z - mean) * invStd.
 */
import { chunkCount, chunkLets, type Chunks } from '../gpu/chunks.ts';
import { activationMap, gradientMap, type Storage } from '../gpu/map.ts';
import {
  builtins,
  header,
  linearGroup,
  padded,
  spread,
  type Program,
  type StorageBinding,
} from '../gpu/program.ts';
import {
  sinkBindings,
  sinkElement,
  sinkFunctions,
  sinkPartialVectors,
  type Sink,
} from '../gpu/sink.ts';

const threads = 64;

export interface GradientSumsShape {
  readonly batch: number;
  readonly channels: number;
  readonly chunks: Chunks;
  readonly sink: Sink;
}

/** Size of the partial results, in floats. */
export function gradientPartials({ batch, channels, chunks, sink }: GradientSumsShape): number {
  return chunkCount(chunks, batch) * padded(channels) * sinkPartialVectors(sink);
}

/** g [rows, C], masked in place → partials [chunks, C4, (sum g, sum g*zhat, …)] */
export function gradientSums(shape: GradientSumsShape): Program {
  const { batch, channels, chunks, sink } = shape;
  const c4 = padded(channels) / 4;
  const vectors = sinkPartialVectors(sink);
  const g = gradientMap('g', sink.storage);
  const bindings = [g.binding, ...sinkBindings(sink)];
  const { declare, add, names } = sinkElement(sink);
  const wgsl = `${header(bindings)}
${sinkFunctions(sink, c4)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  ${chunkLets(chunks)}
  let lane_index = (${linearGroup}) * ${threads}u + lane;
  let chunk = lane_index / ${c4}u;
  if (chunk >= chunks) { return; }
  let c4 = lane_index % ${c4}u;
  let to = min(rows, (chunk + 1u) * chunkRows);
  ${declare}
  for (var row = chunk * chunkRows; row < to; row++) {
    let index = row * ${c4}u + c4;
    let value = mask_gradient(${g.load('index')}, index, c4);
    ${sink.mask.kind === 'none' ? '' : g.store('index', 'value')}
    ${add}
  }
  ${names.map((name, i) => `partials[lane_index * ${vectors}u + ${i}u] = ${name};`).join('\n  ')}
}
`;
  return {
    label: 'batch_norm/gradient_sums',
    wgsl,
    bindings,
    workgroups: spread((chunkCount(chunks, batch) * c4) / threads),
    flops: batch * chunks.rowsPerImage * channels * 4,
  };
}

/** How many partial results there are to merge: as the kernel that made them cut its rows. */
export type PartialCount =
  | Chunks
  | {
      readonly kind: 'classes';
      readonly classes: number;
      readonly size: number;
      readonly rowsPerImage: number;
    };

export function partialCount(parts: PartialCount, batch: number): number {
  if (parts.kind !== 'classes') return chunkCount(parts, batch);
  return parts.classes * Math.ceil((batch * parts.rowsPerImage) / parts.size);
}

function partialCountLet(parts: PartialCount): string {
  if (parts.kind !== 'classes') return chunkLets(parts);
  const { classes, size, rowsPerImage } = parts;
  return `let chunks = ${classes}u * ((step.batch * ${rowsPerImage}u + ${size - 1}u) / ${size}u);`;
}

export interface FinalizeGradientOptions {
  readonly batch: number;
  readonly channels: number;
  readonly rowsPerImage: number;
  readonly parts: PartialCount;
  readonly sink: Sink;
  readonly target: number; // which of the sink's targets this is
  readonly barriers: boolean;
  /** 'running': the statistics were constants, so no gradient goes through them. */
  readonly statistics: 'batch' | 'running';
}

/**
 * partials, coefficients → gradients of weight and bias [C], and the back coefficients [4, C4] of
 * dz = a * g + b * (z - mean) + d, in the order a, b, d, mean.
 */
export function finalizeGradient(options: FinalizeGradientOptions): Program {
  const { channels, rowsPerImage, parts, sink, target, barriers, statistics } = options;
  const c4 = padded(channels) / 4;
  const vectors = sinkPartialVectors(sink);
  const lanes = barriers ? threads : 1;
  const tree = `
  shared_sums[lane] = all;
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shared_sums[lane] = Sums(shared_sums[lane].g + shared_sums[lane + half].g, shared_sums[lane].gz + shared_sums[lane + half].gz);
    }
  }
  if (lane > 0u) { return; }
  all = shared_sums[0];`;
  const through = statistics === 'batch';
  const bindings: StorageBinding[] = [
    { name: 'partials', type: 'vec4f' },
    { name: 'coef', type: 'vec4f' },
    { name: 'dWeight', type: 'f32' },
    { name: 'dBias', type: 'f32' },
    { name: 'back', type: 'vec4f' },
  ];
  const wgsl = `${header(bindings)}
struct Sums { g: vec4f, gz: vec4f }
${barriers ? `var<workgroup> shared_sums: array<Sums, ${threads}>;` : ''}
@compute @workgroup_size(${lanes})
fn main(${builtins}) {
  ${partialCountLet(parts)}
  let count = f32(step.batch * ${rowsPerImage}u);
  let c = group.x;
  var all = Sums(vec4f(), vec4f());
  for (var chunk = lane; chunk < chunks; chunk += ${lanes}u) {
    let at = (chunk * ${c4}u + c) * ${vectors}u;
    all = Sums(all.g + partials[at], all.gz + partials[at + ${1 + target}u]);
  }${barriers ? tree : ''}
  for (var i = 0u; i < 4u; i++) {
    let channel = c * 4u + i;
    if (channel >= ${channels}u) { break; }
    dWeight[channel] = all.gz[i];
    dBias[channel] = all.g[i];
  }
  let scale = coef[c];
  let mean = coef[${2 * c4}u + c];
  let invStd = coef[${3 * c4}u + c];
  back[c] = scale;
  back[${c4}u + c] = ${through ? '-scale * invStd * (all.gz / count)' : 'vec4f()'};
  back[${2 * c4}u + c] = ${through ? '-scale * (all.g / count)' : 'vec4f()'};
  back[${3 * c4}u + c] = mean;
}
`;
  return {
    label: 'batch_norm/gradient_finalize',
    wgsl,
    bindings,
    workgroups: [c4, 1, 1],
    flops: 0,
  };
}

/** dz from g and z [rows, C]; in place (over g) or into a map of its own, where g is still needed. */
export function gradientApply(options: {
  batch: number;
  channels: number;
  rowsPerImage: number;
  inPlace: boolean;
  storage?: Storage;
}): Program {
  const { batch, channels, rowsPerImage, inPlace, storage } = options;
  const c4 = padded(channels) / 4;
  const [g, z] = [gradientMap('g', storage), activationMap('z', storage)];
  const dz = inPlace ? g : gradientMap('dz', storage);
  const bindings = [
    g.binding,
    z.binding,
    { name: 'back', type: 'vec4f' },
    ...(inPlace ? [] : [dz.binding]),
  ];
  const value = `back[c] * ${g.load('index')} + back[${c4}u + c] * (${z.load('index')} - back[${3 * c4}u + c]) + back[${2 * c4}u + c]`;
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${rowsPerImage * c4}u) { return; }
  let c = index % ${c4}u;
  ${dz.store('index', value)}
}
`;
  return {
    label: 'batch_norm/gradient',
    wgsl,
    bindings,
    workgroups: spread((batch * rowsPerImage * c4) / threads),
    flops: batch * rowsPerImage * channels * 5,
  };
}
