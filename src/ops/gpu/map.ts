/**
 * How a map [rows, C4] of vec4s lies in memory, and how a kernel reads and writes it: as it is, or
 * in half precision at half the bytes. Computing and summing are in f32 either way.
 */
import type { StorageBinding } from './program.ts';

export type Storage = 'f32' | 'f16';

/** WGSL around a map's binding; `store` and `add` are statements. */
export interface MapAccess {
  readonly binding: StorageBinding;
  load(index: string): string;
  store(index: string, value: string): string;
  add(index: string, value: string): string;
}

/** Numbers beyond the range of `storage` end at its largest. */
export function activationMap(name: string, storage?: Storage): MapAccess {
  return storage === 'f16' ? half(name, 'pack_half') : full(name);
}

/** Numbers beyond the range of `storage` become infinite: the loss was scaled too far. */
export function gradientMap(name: string, storage?: Storage): MapAccess {
  return storage === 'f16' ? half(name, 'pack_half_or_infinity') : full(name);
}

function full(name: string): MapAccess {
  return {
    binding: { name, type: 'vec4f' },
    load: (index) => `${name}[${index}]`,
    store: (index, value) => `${name}[${index}] = ${value};`,
    add: (index, value) => `${name}[${index}] += ${value};`,
  };
}

function half(name: string, pack: string): MapAccess {
  const load = (index: string): string => `unpack_half(${name}[${index}])`;
  const store = (index: string, value: string): string => `${name}[${index}] = ${pack}(${value});`;
  return {
    binding: { name, type: 'vec2u' },
    load,
    store,
    add: (index, value) => store(index, `${load(index)} + ${value}`),
  };
}
