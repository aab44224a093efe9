/**
 * How a kernel reads an activation. Batch norm and activation are not stored: a convolution's raw
 * output stays in memory, and whoever reads it applies `act(x * scale + shift)` on the way, with the
 * coefficients that the batch's statistics gave. That saves one write and one read of every map.
 */
import type { Activation } from '../kernels.ts';
import { activationMap, type Storage } from './map.ts';
import type { StorageBinding } from './program.ts';

/** Of a map [rows, C4] in vec4s. `normalized`: there is a coefficient buffer beside it. */
export interface Source {
  readonly normalized: boolean;
  readonly activation: Activation;
  readonly storage?: Storage;
}

export const plain: Source = { normalized: false, activation: 'linear' };

/**
 * Rows of a coefficient buffer, each C4 vec4s long, as `batch_norm/finalize` writes them: forward
 * y = x * scale + shift, and the batch's mean and 1/sqrt(variance + eps).
 */
export const coefficientRows = { scale: 0, shift: 1, mean: 2, invStd: 3 } as const;
export const coefficientRowCount = 4;

export function sourceBindings(name: string, { normalized, storage }: Source): StorageBinding[] {
  const map = activationMap(name, storage).binding;
  return normalized ? [map, { name: `${name}Coef`, type: 'vec4f' }] : [map];
}

/** WGSL of `fn read_<name>(index, c4) -> vec4f`: element `index` of the map, whose channel is c4. */
export function readFunction(name: string, source: Source, c4: number): string {
  return `fn read_${name}(index: u32, c4: u32) -> vec4f {
  ${readBody(name, source, c4)}
}
`;
}

function readBody(name: string, { normalized, activation, storage }: Source, c4: number): string {
  const stored = activationMap(name, storage).load('index');
  const value = normalized ? `${stored} * ${name}Coef[c4] + ${name}Coef[${c4}u + c4]` : stored;
  return `return ${activate(value, activation)};`;
}

export function activate(value: string, activation: Activation): string {
  switch (activation) {
    case 'linear':
      return value;
    case 'relu':
      return `max(${value}, vec4f())`;
    case 'relu6':
      return `clamp(${value}, vec4f(), vec4f(6))`;
    default:
      return activation satisfies never;
  }
}

/** WGSL: `g` where the activation let `y` through, else 0; the bounds count as closed (PyTorch). */
export function maskGradient(g: string, y: string, activation: Activation): string {
  switch (activation) {
    case 'linear':
      return g;
    case 'relu':
      return `select(vec4f(), ${g}, ${y} > vec4f())`;
    case 'relu6':
      return `select(vec4f(), ${g}, (${y} > vec4f()) & (${y} < vec4f(6)))`;
    default:
      return activation satisfies never;
  }
}
