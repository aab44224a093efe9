/**
 * A pickle reader that can build tensors and nothing else. Pickle (Python's `pickletools.py`
 * describes each opcode) is a program whose `GLOBAL` and `REDUCE` call any function by name: here
 * a name outside a short list ends the reading before anything is called, as with torch.load's
 * `weights_only=True`. The list is what torch.save writes for a state_dict.
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

const mark = Symbol('mark');

/** Reads one pickle from `start`; `end` is where it stops. */
export function readPickle(bytes: Uint8Array, start = 0): { value: PickleValue; end: number } {
  return new Unpickler(bytes, start).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: (PickleValue | typeof mark)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e /* STOP */) return { value: this.#pop(), end: this.#at };
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.#byte();
        return;
      case 0x95: // FRAME
        this.#take(8);
        return;
      case 0x28: // MARK
        this.#stack.push(mark);
        return;
      case 0x30: // POP
        this.#pop();
        return;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#skip(4), true));
      case 0x4b: // BININT1
        return this.#push(this.#byte());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#skip(2), true));
      case 0x8a: // LONG1
        return this.#push(toInteger(this.#take(this.#byte())));
      case 0x47: // BINFLOAT
        return this.#push(this.#view.getFloat64(this.#skip(8), false));
      case 0x58: // BINUNICODE
        return this.#push(toText(this.#take(this.#uint32())));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(toText(this.#take(this.#byte())));
      case 0x55: // SHORT_BINSTRING, by Python 2
        return this.#push(toText(this.#take(this.#byte())));
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#take(this.#byte()));
      case 0x42: // BINBYTES
        return this.#push(this.#take(this.#uint32()));
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#push([]);
      case 0x7d: // EMPTY_DICT
        return this.#push(new Map());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push(this.#popMany(opcode - 0x84));
      case 0x74: // TUPLE
        return this.#push(this.#popToMark());
      case 0x61: // APPEND
        return this.#append([this.#pop()]);
      case 0x65: // APPENDS
        return this.#append(this.#popToMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark());
      case 0x71: // BINPUT
        return this.#remember(this.#byte());
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#uint32());
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint32());
      case 0x63: // GLOBAL
        return this.#global(this.#line(), this.#line());
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        return this.#global(String(module), String(name));
      }
      case 0x51: // BINPERSID
        return this.#push(toStorage(this.#pop()));
      case 0x52: {
        // REDUCE
        const [callable, args] = this.#popMany(2);
        return this.#push(reduce(callable, args));
      }
      case 0x62: {
        // BUILD: attributes of an OrderedDict (`_metadata`), which we have no use for
        this.#pop();
        if (!(this.#top() instanceof Map)) throw new PickleError('it sets attributes of an object');
        return;
      }
      default:
        throw new PickleError(
          `it uses the pickle operation 0x${opcode.toString(16).padStart(2, '0')}, which weights do not need`,
        );
    }
  }

  #global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!allowed.has(full)) {
      throw new PickleError(`it asks for ${full}, which weights do not need: refused, nothing ran`);
    }
    this.#push({ kind: 'global', name: full });
  }

  #append(items: PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw new PickleError('it appends to something that is no list');
    for (const item of items) list.push(item);
  }

  #setItems(items: PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) {
      throw new PickleError('it sets items of something that is no dict');
    }
    for (let i = 0; i < items.length; i += 2) dict.set(items[i] ?? null, items[i + 1] ?? null);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError(`it recalls ${index}, which it never stored`);
    this.#push(value);
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === mark) throw new PickleError('its stack is empty');
    return value;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new PickleError('it ends a group that it never began');
    const items = this.#stack.splice(at);
    return items.filter((item) => item !== mark);
  }

  #skip(count: number): number {
    const from = this.#at;
    if (from + count > this.#bytes.length) throw new PickleError('it is cut short');
    this.#at += count;
    return from;
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  #take(count: number): Uint8Array {
    const from = this.#skip(count);
    return this.#bytes.subarray(from, from + count);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new PickleError('it is cut short');
    return toText(this.#take(end + 1 - this.#at).subarray(0, -1));
  }
}

/** The three calls that a state_dict needs. */
function reduce(callable: PickleValue | undefined, args: PickleValue | undefined): PickleValue {
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
function toStorage(id: PickleValue): StorageRef {
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

/** Little-endian two's complement; a bigint beyond what a number holds exactly. */
function toInteger(bytes: Uint8Array): number | bigint {
  const raw = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const value = BigInt.asIntN(bytes.length * 8, raw);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PickleError('it has a text that is not UTF-8');
  }
}
