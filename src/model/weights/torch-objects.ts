/**
 * What a pickle of weights may ask for: the few functions and types that torch.save writes for a
 * state_dict (`torch/_utils.py`, `torch/serialization.py`). Any other name is refused.
 */
import type { NumberFormatName } from './number-formats.ts';

/** Thrown with words for people; the caller knows the file's name. */
export class PickleError extends Error {}

/** A storage that the pickle refers to: `('storage', torch.FloatStorage, key, location, numel)`. */
export interface StorageRef {
  readonly kind: 'storage';
  readonly format: NumberFormatName;
  readonly key: string;
  readonly numel: number;
}

/** `torch._utils._rebuild_tensor_v2`, not yet built. */
export interface TensorRef {
  readonly kind: 'tensor';
  readonly storage: StorageRef;
  readonly offset: number; // values
  readonly shape: number[];
  readonly strides: number[];
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[] // lists and tuples
  | Map<PickleValue, PickleValue> // dict, OrderedDict
  | GlobalRef
  | StorageRef
  | TensorRef;

interface GlobalRef {
  readonly kind: 'global';
  readonly name: string;
}

const orderedDict = 'collections.OrderedDict';
const rebuildTensor = 'torch._utils._rebuild_tensor_v2';
const rebuildParameter = 'torch._utils._rebuild_parameter';

/** By PyTorch's name for the storage. */
const storageFormats = {
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
} as const satisfies Record<string, NumberFormatName>;

const allowed = new Set<string>([
  orderedDict,
  rebuildTensor,
  rebuildParameter,
  ...Object.keys(storageFormats),
]);

/** A function or type by name, if it is on the list. */
export function globalRef(module: string, name: string): PickleValue {
  const full = `${module}.${name}`;
  if (!allowed.has(full)) {
    throw new PickleError(`it asks for ${full}, which weights do not need: refused, nothing ran`);
  }
  return { kind: 'global', name: full };
}

/** The three calls that a state_dict needs. */
export function reduce(
  callable: PickleValue | undefined,
  args: PickleValue | undefined,
): PickleValue {
  if (!isGlobal(callable) || !Array.isArray(args)) {
    throw new PickleError('it calls something that is no function');
  }
  switch (callable.name) {
    case orderedDict:
      return toDict(args);
    case rebuildTensor:
      return toTensor(args);
    case rebuildParameter: // (data, requires_grad, backward_hooks)
      if (!isKind(args[0], 'tensor')) throw new PickleError('it has a parameter without a tensor');
      return args[0];
    default:
      throw new PickleError(`it calls ${callable.name}`);
  }
}

/** `OrderedDict()`, or by Python 2 `OrderedDict([[key, value], …])`. */
function toDict([pairs = []]: PickleValue[]): PickleValue {
  if (!Array.isArray(pairs)) throw new PickleError('it has an OrderedDict of something odd');
  return new Map(
    pairs.map((pair) => {
      if (!Array.isArray(pair)) throw new PickleError('it has an OrderedDict of something odd');
      return [pair[0] ?? null, pair[1] ?? null];
    }),
  );
}

/** (storage, storage_offset, size, stride, requires_grad, backward_hooks, …) */
function toTensor([storage, offset, shape, strides]: PickleValue[]): TensorRef {
  if (!isKind(storage, 'storage') || !isSize(offset) || !isSizes(shape) || !isSizes(strides)) {
    throw new PickleError('it has a tensor that is not described as PyTorch does');
  }
  if (shape.length !== strides.length) throw new PickleError('it has a tensor with odd strides');
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** ('storage', type, key, location, numel), and in the old format a view, which nobody writes. */
export function toStorage(id: PickleValue): StorageRef {
  const [tag, type, key, , numel, view = null] = Array.isArray(id) ? id : [];
  const format = isGlobal(type) ? formatOf(type.name) : null;
  if (tag !== 'storage' || format === null || typeof key !== 'string' || !isSize(numel)) {
    throw new PickleError('it refers to something outside that is no storage');
  }
  if (view !== null) throw new PickleError('it has a storage that is a view of another');
  return { kind: 'storage', format, key, numel };
}

function formatOf(name: string): NumberFormatName | null {
  const entry = Object.entries(storageFormats).find(([storage]) => storage === name);
  return entry?.[1] ?? null;
}

function isGlobal(value: PickleValue | undefined): value is GlobalRef {
  return isKind(value, 'global');
}

function isKind<K extends 'global' | 'storage' | 'tensor'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}
