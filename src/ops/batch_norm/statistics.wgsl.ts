/**
 * Batch norm in train mode, first half: mean and variance of every channel, as partial results by
 * chunks of rows, merged by Chan's formula (Chan, Golub, LeVeque 1979) into the coefficients that
 * readers of the map apply (`gpu/source.ts`), with the running statistics moved on the way.
 */
import { chunkCount, chunkLets, type Chunks } from '../gpu/chunks.ts';
import { activationMap, type Storage } from '../gpu/map.ts';
import {
  builtins,
  header,
  linearGroup,
  padded,
  spread,
  type Program,
  type StorageBinding,
} from '../gpu/program.ts';

const threads = 64;

export interface StatisticsShape {
  readonly batch: number;
  readonly channels: number;
  readonly chunks: Chunks;
  readonly storage?: Storage; // of the map
}

/** Size of the partial results, in floats. */
export function statisticsPartials({ batch, channels, chunks }: StatisticsShape): number {
  return chunkCount(chunks, batch) * padded(channels) * 2;
}

/** z [rows, C] → partials [chunks, C4, (mean, M2)] */
export function statistics(shape: StatisticsShape): Program {
  const { batch, channels, chunks, storage } = shape;
  const c4 = padded(channels) / 4;
  const z = activationMap('z', storage);
  const bindings: StorageBinding[] = [z.binding, { name: 'partials', type: 'vec4f' }];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  ${chunkLets(chunks)}
  let index = (${linearGroup}) * ${threads}u + lane;
  let chunk = index / ${c4}u;
  if (chunk >= chunks) { return; }
  let c = index % ${c4}u;
  let start = chunk * chunkRows;
  let to = min(rows, start + chunkRows);
  if (start >= to) { return; }
  // Sums about the first value: the mean of squares minus the squared mean would cancel.
  let pivot = ${z.load(`start * ${c4}u + c`)};
  var sum = vec4f();
  var squares = vec4f();
  for (var row = start; row < to; row++) {
    let d = ${z.load(`row * ${c4}u + c`)} - pivot;
    sum += d;
    squares += d * d;
  }
  let mean = sum / f32(to - start);
  partials[index * 2u] = pivot + mean;
  partials[index * 2u + 1u] = max(squares - sum * mean, vec4f());
}
`;
  const lanes = chunkCount(chunks, batch) * c4;
  const flops = batch * chunks.rowsPerImage * channels * 4;
  return {
    label: 'batch_norm/statistics',
    wgsl,
    bindings,
    workgroups: spread(lanes / threads),
    flops,
  };
}

export interface FinalizeOptions extends StatisticsShape {
  readonly eps: number;
  readonly momentum: number;
  /** One workgroup a vec4 of channels merges in a tree, or one lane does it all. */
  readonly barriers: boolean;
}

/**
 * partials, weight and bias [C], running mean and variance [C] → coefficients [4, C4]: scale, shift,
 * mean, invStd, zero where a channel is only padding. The running variance takes the unbiased one.
 */
export function finalizeStatistics(options: FinalizeOptions): Program {
  const { channels, chunks, eps, momentum, barriers } = options;
  const c4 = padded(channels) / 4;
  const lanes = barriers ? threads : 1;
  const merge = `
struct Moments { count: f32, mean: vec4f, m2: vec4f }

fn merge(a: Moments, b: Moments) -> Moments {
  if (b.count == 0) { return a; }
  let count = a.count + b.count;
  let d = b.mean - a.mean;
  return Moments(count, a.mean + d * (b.count / count), a.m2 + b.m2 + d * d * (a.count * b.count / count));
}
`;
  const tree = `
  shared_moments[lane] = all;
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { shared_moments[lane] = merge(shared_moments[lane], shared_moments[lane + half]); }
  }
  if (lane > 0u) { return; }
  all = shared_moments[0];`;
  const bindings: StorageBinding[] = [
    { name: 'partials', type: 'vec4f' },
    { name: 'weight', type: 'f32', access: 'read' },
    { name: 'bias', type: 'f32', access: 'read' },
    { name: 'runningMean', type: 'f32' },
    { name: 'runningVariance', type: 'f32' },
    { name: 'coef', type: 'vec4f' },
  ];
  const wgsl = `${header(bindings)}
${merge}
${barriers ? `var<workgroup> shared_moments: array<Moments, ${threads}>;` : ''}
@compute @workgroup_size(${lanes})
fn main(${builtins}) {
  ${chunkLets(chunks)}
  let c = group.x;
  var all = Moments(0, vec4f(), vec4f());
  for (var chunk = lane; chunk < chunks; chunk += ${lanes}u) {
    let start = chunk * chunkRows;
    if (start >= rows) { break; }
    let at = (chunk * ${c4}u + c) * 2u;
    all = merge(all, Moments(f32(min(chunkRows, rows - start)), partials[at], partials[at + 1u]));
  }${barriers ? tree : ''}
  let variance = all.m2 / all.count;
  let unbiased = all.m2 / max(1, all.count - 1);
  let invStd = inverseSqrt(variance + ${float(eps)});
  var scale = vec4f();
  var shift = vec4f();
  for (var i = 0u; i < 4u; i++) {
    let channel = c * 4u + i;
    if (channel >= ${channels}u) { break; }
    scale[i] = weight[channel] * invStd[i];
    shift[i] = bias[channel] - all.mean[i] * scale[i];
    runningMean[channel] = mix(runningMean[channel], all.mean[i], ${float(momentum)});
    runningVariance[channel] = mix(runningVariance[channel], unbiased[i], ${float(momentum)});
  }
  coef[c] = scale;
  coef[${c4}u + c] = shift;
  coef[${2 * c4}u + c] = all.mean;
  coef[${3 * c4}u + c] = invStd;
}
`;
  return {
    label: 'batch_norm/finalize',
    wgsl,
    bindings,
    workgroups: [c4, 1, 1],
    flops: 0,
  };
}

/** A WGSL f32 literal. */
export function float(value: number): string {
  return `${value.toExponential()}f`;
}

/** Eval mode and frozen stages: the coefficients from the running statistics, which stay. */
export function runningCoefficients(options: { channels: number; eps: number }): Program {
  const { channels, eps } = options;
  const c4 = padded(channels) / 4;
  const bindings: StorageBinding[] = [
    { name: 'weight', type: 'f32', access: 'read' },
    { name: 'bias', type: 'f32', access: 'read' },
    { name: 'runningMean', type: 'f32' },
    { name: 'runningVariance', type: 'f32' },
    { name: 'coef', type: 'f32' },
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let channel = group.x * ${threads}u + lane;
  if (channel >= ${c4 * 4}u) { return; }
  let real = channel < ${channels}u;
  let at = min(channel, ${channels - 1}u);
  let invStd = inverseSqrt(runningVariance[at] + ${float(eps)});
  let scale = weight[at] * invStd;
  coef[channel] = select(0, scale, real);
  coef[${c4 * 4}u + channel] = select(0, bias[at] - runningMean[at] * scale, real);
  coef[${c4 * 8}u + channel] = select(0, runningMean[at], real);
  coef[${c4 * 12}u + channel] = select(0, invStd, real);
}
`;
  return {
    label: 'batch_norm/running',
    wgsl,
    bindings,
    workgroups: [Math.ceil((c4 * 4) / threads), 1, 1],
    flops: 0,
  };
}
