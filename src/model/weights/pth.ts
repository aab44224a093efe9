/**
 * PyTorch's own file of weights: what `torch.save(model.state_dict(), path)` writes. Two layouts
 * (`torch/serialization.py`): since 1.6 a zip with `data.pkl` and one piece a storage; before that
 * five pickles in a row and the storages after them, which many published files still are.
 */
import { AppError } from '../../protocol/errors.ts';
import type { StateDict, StateTensor } from '../state-dict.ts';
import { numberFormats } from './number-formats.ts';
import { readPickle } from './pickle.ts';
import { isZip, readStoredZip, StoredZipError } from './stored-zip.ts';
import { PickleError, type PickleValue, type TensorRef } from './torch-objects.ts';

/** Bytes of a storage, by its key. */
type Storages = (key: string, bytes: number) => Uint8Array;

const legacyMagic = 0x1950a86a20f9469cfc6cn;
/** How the pickle of that number begins: protocol 2, a 10-byte integer. */
const legacyStart = [0x80, 0x02, 0x8a, 0x0a];

export function isPth(bytes: Uint8Array): boolean {
  return isZip(bytes) || legacyStart.every((byte, i) => bytes[i] === byte);
}

/** Floats of any width become fp32; counters (`num_batches_tracked`) are left out. */
export function readPth(bytes: Uint8Array, name: string): StateDict {
  try {
    const { value, storages } = isZip(bytes) ? readZip(bytes) : readLegacy(bytes);
    const state: StateDict = new Map();
    for (const [key, tensor] of tensorsOf(value)) {
      if (!key.endsWith('num_batches_tracked')) state.set(key, build(key, tensor, storages));
    }
    return state;
  } catch (error) {
    if (!(error instanceof PickleError || error instanceof StoredZipError)) throw error;
    throw new AppError('weights-format', { name, detail: error.message }, { cause: error });
  }
}

function readZip(bytes: Uint8Array): { value: PickleValue; storages: Storages } {
  const entries = readStoredZip(bytes);
  const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  const pickle = pickleName === undefined ? undefined : entries.get(pickleName);
  if (pickleName === undefined || pickle === undefined) {
    throw new PickleError('this zip was not written by torch.save');
  }
  const root = pickleName.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${root}byteorder`);
  if (byteOrder && new TextDecoder().decode(byteOrder) !== 'little') {
    throw new PickleError('it was written by a big-endian machine');
  }
  const storages: Storages = (key, size) => {
    const storage = entries.get(`${root}data/${key}`);
    if (storage?.length !== size) throw new PickleError(`its storage ${key} is not ${size} bytes`);
    return storage;
  };
  return { value: readPickle(pickle).value, storages };
}

/** Magic number, version, machine, the object, the storages' keys; then each: numel, bytes. */
function readLegacy(bytes: Uint8Array): { value: PickleValue; storages: Storages } {
  const magic = readPickle(bytes);
  if (magic.value !== legacyMagic) throw new PickleError('this is not a file of torch.save');
  const version = readPickle(bytes, magic.end);
  const machine = readPickle(bytes, version.end);
  if (machine.value instanceof Map && machine.value.get('little_endian') === false) {
    throw new PickleError('it was written by a big-endian machine');
  }
  const object = readPickle(bytes, machine.end);
  const keys = readPickle(bytes, object.end);
  if (!Array.isArray(keys.value)) throw new PickleError('it does not list its storages');

  // A storage says how many values it has, not how wide they are: only the tensors know that.
  const widths = new Map(
    tensorsOf(object.value).map(([, { storage }]) => [
      storage.key,
      numberFormats[storage.format].bytes,
    ]),
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<PickleValue, Uint8Array>();
  let at = keys.end;
  for (const key of keys.value) {
    const width = typeof key === 'string' ? widths.get(key) : undefined;
    if (width === undefined) throw new PickleError('it has a storage that no tensor uses');
    if (at + 8 > bytes.length) throw new PickleError('it is cut short');
    const end = at + 8 + Number(view.getBigUint64(at, true)) * width;
    if (end > bytes.length) throw new PickleError('it is cut short');
    found.set(key, bytes.subarray(at + 8, end));
    at = end;
  }
  const storages: Storages = (key, size) => {
    const storage = found.get(key);
    if (storage?.length !== size) throw new PickleError(`its storage ${key} is not ${size} bytes`);
    return storage;
  };
  return { value: object.value, storages };
}

/** A state_dict, or a checkpoint that has one under a usual name. */
function tensorsOf(value: PickleValue): [string, TensorRef][] {
  const wrapped = ['state_dict', 'model_state_dict', 'model'];
  let dict: PickleValue | undefined = value;
  if (dict instanceof Map) {
    const outer = dict;
    const key = wrapped.find((name) => outer.get(name) instanceof Map);
    if (key !== undefined) dict = outer.get(key);
  }
  if (!(dict instanceof Map)) throw new PickleError('it holds no state_dict');
  return [...dict].flatMap(([key, item]) =>
    typeof key === 'string' && isTensor(item) ? [[key, item] satisfies [string, TensorRef]] : [],
  );
}

function isTensor(value: PickleValue): value is TensorRef {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

function build(name: string, tensor: TensorRef, storages: Storages): StateTensor {
  const { storage, offset, shape, strides } = tensor;
  const { bytes: width, decode } = numberFormats[storage.format];
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] ?? 0), offset);
  // `count` too: a stride of 0 would let a small file ask for any amount of memory.
  if (count > 0 && (last >= storage.numel || count > storage.numel)) {
    throw new PickleError(`${name} reaches beyond its storage`);
  }
  const whole = storages(storage.key, storage.numel * width);
  if (isContiguous(shape, strides)) {
    const data = decode(whole.subarray(offset * width, (offset + count) * width));
    return { shape, data };
  }
  return { shape, data: gather(decode(whole), offset, shape, strides, count) };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Values of a strided view in row-major order, counting the indices up like an odometer. */
function gather(
  values: Float32Array,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Float32Array {
  const out = new Float32Array(count);
  const index = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < count; i++) {
    out[i] = values[from] ?? NaN;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      from += stride;
      index[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      from -= next * stride;
      index[axis] = 0;
    }
  }
  return out;
}
