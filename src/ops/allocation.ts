/**
 * Running out of memory, made visible. TF.js on WASM ignores a failed `malloc`: it would register
 * the tensor at address 0 and write over the heap's own first bytes; and when only small pieces are
 * left, its kernels crash inside (they allocate too, for packed weights). The guard throws before
 * either, while there is still room to clean up.
 */
import * as tf from '@tensorflow/tfjs-core';

export class AllocationError extends Error {
  constructor(what: number | string) {
    super(typeof what === 'number' ? `cannot allocate ${what} bytes` : what);
    this.name = 'AllocationError';
  }
}

/** What the guard needs of TF.js's WASM backend: its Emscripten module's allocator. */
interface WasmHeap {
  readonly HEAPU8: Uint8Array; // the whole memory as it is now
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** TF.js's module grows to 4 GiB less a page. */
const maxHeapBytes = 2 ** 32 - 2 ** 16;
/** Kept free, in one piece, for what kernels allocate by themselves. */
const reserveBytes = 128 * 2 ** 20;
/** Smaller tensors may use the reserve. */
const largeBytes = 2 ** 20;

const guarded = new WeakSet<WasmHeap>();

/** Idempotent; does nothing on other backends. */
export function guardAllocations(): void {
  const backend: object = tf.backend();
  if (!('wasm' in backend) || !isHeap(backend.wasm) || guarded.has(backend.wasm)) return;
  const heap = backend.wasm;
  heap._free(heap._malloc(1)); // Emscripten puts its exports in place when they are first called
  const malloc = heap._malloc;
  const hasReserve = (): boolean => {
    // As long as the heap can still grow, there is no need to look.
    if (heap.HEAPU8.length < maxHeapBytes - 2 * reserveBytes) return true;
    const probe = malloc(reserveBytes);
    if (probe !== 0) heap._free(probe);
    return probe !== 0;
  };
  heap._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) throw new AllocationError(bytes);
    if (bytes >= largeBytes && !hasReserve()) {
      heap._free(address);
      throw new AllocationError(bytes);
    }
    return address;
  };
  guarded.add(heap);
}

function isHeap(value: unknown): value is WasmHeap {
  return typeof value === 'object' && value !== null && '_malloc' in value && '_free' in value;
}

/** Whether `error` says that memory has run out: ours, or a typed array's, or WASM's own. */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof AllocationError) return true;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : '';
  return /out of memory|allocation failed|memory access out of bounds|Aborted\(/i.test(text);
}
