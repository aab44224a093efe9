/**
 * Loops of our own over TF.js's WASM heap, for what its kernels do badly: moving numbers about.
 * Its `transpose`, `reverse` and `gather` look up every element by its coordinates; a plain loop
 * that knows the layout is several times as fast, and reads and writes in place.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What is used of TF.js's WASM backend. */
interface HeapBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array };
  readonly dataIdMap: { get(id: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
}

/** Whether tensors lie on a heap that we can reach. */
export function onHeap(): boolean {
  return isHeapBackend(tf.backend());
}

/** A tensor of `shape` that `fill` writes, all of it; the views are good for that call only. */
export function fillOnHeap<const T extends readonly tf.Tensor[]>(
  shape: number[],
  inputs: T,
  fill: (out: Float32Array, ...views: { [I in keyof T]: Float32Array }) => void,
): tf.Tensor {
  const backend: object = tf.backend();
  if (!isHeapBackend(backend)) throw new Error(`${tf.getBackend()} has no heap to write to`);
  const info = backend.makeOutput(shape, 'float32'); // may move the heap: views come after it
  const view = ({ dataId, shape }: tf.TensorInfo) =>
    new Float32Array(
      backend.wasm.HEAPU8.buffer,
      backend.dataIdMap.get(dataId).memoryOffset,
      tf.util.sizeFromShape(shape),
    );
  fill(view(info), ...(inputs.map(view) as { [I in keyof T]: Float32Array }));
  return tf.engine().makeTensorFromTensorInfo(info);
}

/** `count` numbers of `from`, `step` apart, to one after the other. */
export function copyEvery(
  out: Float32Array,
  to: number,
  from: Float32Array,
  at: number,
  step: number,
  count: number,
): void {
  for (let n = 0; n < count; n++, at += step) out[to + n] = from[at] as number;
}

function isHeapBackend(backend: object): backend is HeapBackend {
  return 'wasm' in backend && 'dataIdMap' in backend && 'makeOutput' in backend;
}
