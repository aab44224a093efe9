/**
 * Loss scaling without a read-back, as torch.amp.GradScaler does it: the loss is multiplied by a
 * scale so that small gradients do not vanish in half precision; where a gradient overflows, the
 * step is skipped and the scale halved; after many steps without, it is doubled. What it knows lies
 * in a small buffer, the scaler, that the loss and the optimizer read. One difference from torch: the
 * host counts Adam's steps for the bias correction, and counts those that were skipped.
 */
import {
  builtins,
  header,
  linearGroup,
  spread,
  type Program,
  type StorageBinding,
} from '../gpu/program.ts';

export interface LossScaleOptions {
  readonly start: number; // a power of two, so that scaling rounds nothing
  readonly growthInterval: number; // steps without overflow before the scale doubles
}

/**
 * GradScaler's own. A start that is too high costs a step for each halving; one that is too low would
 * stay for 2000 steps, which is longer than most runs in a browser.
 */
export const defaultLossScale: LossScaleOptions = { start: 2 ** 16, growthInterval: 2000 };

/** What the scaler holds, f32 but for `arrivals`: the scale of the next loss, 1 / that of the last. */
const fields = ['scale', 'unscale', 'skip', 'streak', 'skipped', 'arrivals'] as const;
type Field = (typeof fields)[number];
export const scalerBytes = 32;

/** At least this, so that its inverse stays finite whatever happens. */
const smallestScale = 2 ** -14;

/** How kernels see the loss scale: in the scaler, or in the step's uniforms, which the host sets. */
export function scaling(dynamic: boolean): {
  readonly bindings: readonly StorageBinding[];
  readonly scale: string; // WGSL, of the loss
  readonly unscaled: (gradient: string) => string;
  readonly returnIfSkipped: string;
} {
  if (!dynamic) {
    return {
      bindings: [],
      scale: 'step.lossScale',
      unscaled: (gradient) => `${gradient} / step.lossScale`,
      returnIfSkipped: '',
    };
  }
  return {
    bindings: [{ name: 'scaler', type: 'f32' }],
    scale: at('scale'),
    unscaled: (gradient) => `${gradient} * ${at('unscale')}`,
    returnIfSkipped: `if (${at('skip')} != 0) { return; }`,
  };
}

function at(field: Field): string {
  return `scaler[${fields.indexOf(field)}]`;
}

/** A scaler before the first step. */
export function newScaler(start: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(scalerBytes / 4);
  values[fields.indexOf('scale')] = start;
  values[fields.indexOf('unscale')] = 1 / start;
  return values;
}

export function readScaler(values: ArrayLike<number>): Record<Exclude<Field, 'arrivals'>, number> {
  const value = (field: Field): number => values[fields.indexOf(field)] ?? NaN;
  return {
    scale: value('scale'),
    unscale: value('unscale'),
    skip: value('skip'),
    streak: value('streak'),
    skipped: value('skipped'),
  };
}

const threads = 64;

/**
 * gradients [size], scaler → scaler: is any gradient infinite or NaN? `arrivals` counts the lanes
 * that are done in its lower half, those that found one in its upper half: a single atomic number,
 * so that the lane that comes last knows of all others and can settle what follows.
 */
export function checkGradients(
  size: number,
  wantedLanes: number,
  { growthInterval }: Pick<LossScaleOptions, 'growthInterval'>,
): Program {
  const groups = Math.ceil(Math.min(wantedLanes, 32768, size / 4) / threads);
  const lanes = groups * threads;
  const bindings: StorageBinding[] = [
    { name: 'gradients', type: 'vec4f' },
    { name: 'scaler', type: 'atomic<u32>' },
  ];
  const wgsl = `${header(bindings)}
const not_finite = vec4u(0x7f800000);
fn number(field: u32) -> f32 { return bitcast<f32>(atomicLoad(&scaler[field])); }
fn put(field: u32, value: f32) { atomicStore(&scaler[field], bitcast<u32>(value)); }
@compute @workgroup_size(${threads})
fn main(${builtins}) {
  var arrival = 1u;
  for (var i = (${linearGroup}) * ${threads}u + lane; i < ${size / 4}u; i += ${lanes}u) {
    // By the bits: compilers may take it that no number is infinite.
    if (any((bitcast<vec4u>(gradients[i]) & not_finite) == not_finite)) { arrival = 65537u; }
  }
  let arrivals = atomicAdd(&${at('arrivals')}, arrival) + arrival;
  if (arrivals % 65536u < ${lanes}u) { return; }
  atomicStore(&${at('arrivals')}, 0u);
  let overflow = arrivals >= 65536u;
  let scale = number(${field('scale')});
  let streak = number(${field('streak')}) + 1;
  let grows = streak >= ${growthInterval};
  put(${field('unscale')}, 1 / scale);
  put(${field('skip')}, select(0.0, 1.0, overflow));
  put(${field('skipped')}, number(${field('skipped')}) + select(0.0, 1.0, overflow));
  put(${field('streak')}, select(streak, 0.0, overflow || grows));
  put(${field('scale')}, select(select(scale, scale * 2, grows), max(scale * 0.5, ${smallestScale}), overflow));
}
`;
  return {
    label: 'optimizer/check_gradients',
    wgsl,
    bindings,
    workgroups: spread(groups),
    flops: 0,
  };
}

function field(name: Field): string {
  return `${fields.indexOf(name)}`;
}
