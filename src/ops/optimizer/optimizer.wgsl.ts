/**
 * One optimizer step over all parameters in one dispatch: parameters, gradients and moments lie in
 * buffers of the same layout, each lane takes four numbers. As torch.optim computes it: Adam (decay
 * as an L2 term), AdamW (decoupled decay), SGD with momentum without dampening, Nesterov or not.
 * Clipping by the global norm (torch.nn.utils.clip_grad_norm_) and the exponential moving average of
 * the weights fit in.
 */
import {
  builtins,
  header,
  linearGroup,
  spread,
  type Program,
  type StorageBinding,
} from '../gpu/program.ts';

import { scaling } from './loss-scale.wgsl.ts';

const threads = 64;

export type OptimizerRule =
  | {
      readonly kind: 'adam' | 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly eps: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    };

export const torchAdam: OptimizerRule = {
  kind: 'adam',
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
};

export interface OptimizerOptions {
  readonly size: number; // floats, a multiple of 4
  readonly rule: OptimizerRule;
  readonly clip: boolean; // a buffer holds the factor that `clipFactor` wrote
  readonly ema: boolean; // a buffer of averaged weights is bound; the decay is the step's
  /** A buffer of (learning rate factor, weight decay factor) for every 64 numbers is bound. */
  readonly groups: boolean;
  /** A scaler is bound (`loss-scale.wgsl.ts`), by which a step may be skipped. */
  readonly scaler?: boolean;
}

/** Numbers that share an entry of `groups`: parameters start at multiples of it. */
export const groupSize = 64;

/** Moments that a rule keeps for every number. */
export function momentCount(rule: OptimizerRule): number {
  if (rule.kind !== 'sgd') return 2;
  return rule.momentum === 0 ? 0 : 1;
}

export function optimizerStep(options: OptimizerOptions): Program {
  const { size, rule, clip, ema, groups, scaler = false } = options;
  const { bindings: scalerBindings, unscaled, returnIfSkipped } = scaling(scaler);
  const moments = momentCount(rule);
  const bindings = [
    { name: 'parameters', type: 'vec4f' },
    { name: 'gradients', type: 'vec4f' },
    ...(moments > 0 ? [{ name: 'm', type: 'vec4f' }] : []),
    ...(moments > 1 ? [{ name: 'v', type: 'vec4f' }] : []),
    ...(clip ? [{ name: 'clip', type: 'f32' }] : []),
    ...(ema ? [{ name: 'averages', type: 'vec4f' }] : []),
    ...(groups ? [{ name: 'factors', type: 'vec2f' }] : []),
    ...scalerBindings,
  ];
  const decay = `${rule.weightDecay}${groups ? ' * factor.y' : ''}`;
  const gradient = unscaled(`gradients[index]${clip ? ' * clip[0]' : ''}`);
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= ${size / 4}u) { return; }
  ${returnIfSkipped}
  ${groups ? `let factor = factors[index / ${groupSize / 4}u];` : ''}
  let rate = step.learningRate${groups ? ' * factor.x' : ''};
  var p = parameters[index];
  var g = ${gradient};
  ${update(rule, decay)}
  parameters[index] = p;
  ${ema ? 'averages[index] = mix(p, averages[index], step.emaDecay);' : ''}
}
`;
  return {
    label: `optimizer/${rule.kind}`,
    wgsl,
    bindings,
    workgroups: spread(size / 4 / threads),
    flops: size * 12,
  };
}

function update(rule: OptimizerRule, decay: string): string {
  const hasDecay = rule.weightDecay !== 0;
  if (rule.kind === 'sgd') {
    const l2 = hasDecay ? `g += p * (${decay});` : '';
    if (rule.momentum === 0) return `${l2}\n  p -= g * rate;`;
    return `${l2}
  let velocity = m[index] * ${rule.momentum} + g;
  m[index] = velocity;
  p -= (${rule.nesterov ? `g + velocity * ${rule.momentum}` : 'velocity'}) * rate;`;
  }
  const { kind, beta1, beta2, eps } = rule;
  const before = !hasDecay
    ? ''
    : kind === 'adam'
      ? `g += p * (${decay});`
      : `p -= p * (rate * ${decay});`;
  return `${before}
  let mean = m[index] * ${beta1} + g * ${1 - beta1};
  let square = v[index] * ${beta2} + g * g * ${1 - beta2};
  m[index] = mean;
  v[index] = square;
  p -= mean / (sqrt(square) / step.biasCorrection2 + ${eps}) * (rate / step.biasCorrection1);`;
}

/** How many partial sums `squaredNorm` leaves. */
export const normParts = 256;

/** gradients [size] → parts [normParts]: sums of squares. */
export function squaredNorm(size: number, options: { scaler?: boolean } = {}): Program {
  const { bindings: scalerBindings, unscaled } = scaling(options.scaler ?? false);
  const each = Math.ceil(size / 4 / normParts);
  const bindings: StorageBinding[] = [
    { name: 'gradients', type: 'vec4f' },
    { name: 'parts', type: 'f32' },
    ...scalerBindings,
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let part = group.x * ${threads}u + lane;
  if (part >= ${normParts}u) { return; }
  var sum = 0.0;
  for (var i = 0u; i < ${each}u; i++) {
    let index = i * ${normParts}u + part;
    if (index < ${size / 4}u) { let g = ${unscaled('gradients[index]')}; sum += dot(g, g); }
  }
  parts[part] = sum;
}
`;
  return {
    label: 'optimizer/squared_norm',
    wgsl,
    bindings,
    workgroups: [normParts / threads, 1, 1],
    flops: size * 2,
  };
}

/** parts → clip [factor, norm]: maxNorm / (norm + 1e-6), never above 1. */
export function clipFactor(maxNorm: number): Program {
  const bindings: StorageBinding[] = [
    { name: 'parts', type: 'f32' },
    { name: 'clip', type: 'f32' },
  ];
  const wgsl = `${header(bindings)}
@compute @workgroup_size(1)
fn main(${builtins}) {
  var sum = 0.0;
  for (var i = group.x + lane; i < ${normParts}u * groups.x; i++) { sum += parts[i]; }
  let norm = sqrt(sum);
  clip[0] = min(1.0, ${maxNorm} / (norm + 1e-6));
  clip[1] = norm;
}
`;
  return {
    label: 'optimizer/clip',
    wgsl,
    bindings,
    workgroups: [1, 1, 1],
    flops: 0,
  };
}
