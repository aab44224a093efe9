/**
 * Running out of memory, made visible. TF.js on WASM ignores a failed `malloc`: it would register
 * the tensor at address 0 and write over the heap's own first bytes. The guard turns the null
 * pointer into an exception before that.
 */
import * as tf from '@tensorflow/tfjs-core';

export class AllocationError extends Error {
  constructor(bytes: number) {
    super(`cannot allocate ${bytes} bytes`);
    this.name = 'AllocationError';
  }
}

/** What the guard needs of TF.js's WASM backend: its Emscripten module's allocator. */
interface WasmHeap {
  _malloc(bytes: number): number;
}

const guarded = new WeakSet<WasmHeap>();

/** Idempotent; does nothing on other backends. */
export function guardAllocations(): void {
  const backend: object = tf.backend();
  if (!('wasm' in backend) || !isHeap(backend.wasm) || guarded.has(backend.wasm)) return;
  const heap = backend.wasm;
  const malloc = heap._malloc;
  heap._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) throw new AllocationError(bytes);
    return address;
  };
  guarded.add(heap);
}

function isHeap(value: unknown): value is WasmHeap {
  return typeof value === 'object' && value !== null && '_malloc' in value;
}

/** Whether `error` says that memory has run out: ours, or a typed array's, or WASM's own. */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof AllocationError) return true;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : '';
  return /out of memory|allocation failed|Aborted\(/i.test(text);
}
