/**
 * What one dispatch on the GPU is, before any device is there: WGSL text with every shape but the
 * batch written into it as a constant (drivers turn divisions by constants into multiplications),
 * the names of its bindings in order, and how many workgroups it takes. Pure data, so that a plan
 * can be made, counted and tested anywhere.
 *
 * All storage bindings but parameters are `read_write`: activations share a few slabs, and WebGPU
 * refuses one buffer as `read` and `read_write` in the same dispatch (spec, "usage scopes").
 */

import { halfFunctions } from './half.wgsl.ts';

export interface Program {
  readonly label: string; // 'conv2d/forward'
  readonly wgsl: string;
  /** The storage bindings, `@binding(0)` up; the step's uniforms follow them. */
  readonly bindings: readonly StorageBinding[];
  readonly workgroups: readonly [number, number, number];
  readonly flops: number; // multiplications and additions that the op is, not what it spends
}

export interface StorageBinding {
  readonly name: string;
  readonly type: string; // the element's: 'vec4f', 'f32', 'u32', 'vec2u' (halves)
  /** Only for buffers that no dispatch of the same pass binds as `read_write` beside it. */
  readonly access?: 'read' | 'read_write';
}

/** WebGPU's guaranteed maximum a dimension. */
const maxWorkgroups = 65535;

/**
 * Numbers that change from step to step, one uniform buffer for all programs (64 bytes).
 * `batch` is a uniform so that the last, smaller batch runs on the same pipelines.
 */
export const stepUniforms = [
  ['batch', 'u32'],
  ['seed', 'u32'],
  ['learningRate', 'f32'],
  ['biasCorrection1', 'f32'], // 1 - beta1^t
  ['biasCorrection2', 'f32'], // sqrt(1 - beta2^t)
  ['lossScale', 'f32'],
  ['emaDecay', 'f32'],
] as const;

const uniformStruct = `struct Step {\n${stepUniforms.map(([name, type]) => `  ${name}: ${type},`).join('\n')}\n}`;

/** The declarations that open every program. */
export function header(bindings: readonly StorageBinding[]): string {
  const storage = bindings.map(
    ({ name, type, access = 'read_write' }, index) =>
      `@group(0) @binding(${index}) var<storage, ${access}> ${name}: array<${type}>;`,
  );
  return [
    uniformStruct,
    ...storage,
    `@group(0) @binding(${bindings.length}) var<uniform> step: Step;`,
    bindings.some(({ type }) => type === 'vec2u') ? halfFunctions : '',
  ].join('\n');
}

/** `count` workgroups over x and y; `linearGroup` in WGSL puts them back in line. */
export function spread(count: number): [number, number, number] {
  const total = Math.max(1, Math.ceil(count));
  if (total <= maxWorkgroups) return [total, 1, 1];
  const rows = Math.ceil(total / maxWorkgroups);
  return [Math.ceil(total / rows), rows, 1];
}

/** WGSL: the index of a workgroup that `spread` laid out. */
export const linearGroup = 'group.x + group.y * groups.x';

/** The builtins that `linearGroup` and the kernels use. */
export const builtins = [
  '@builtin(workgroup_id) group: vec3u',
  '@builtin(num_workgroups) groups: vec3u',
  '@builtin(local_invocation_index) lane: u32',
].join(', ');

/** Channels as they are stored: padded to whole vec4, the rest zeros. */
export function padded(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
