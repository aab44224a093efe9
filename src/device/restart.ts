/**
 * A new WASM heap for a broken one. A heap never shrinks, and where an allocation inside a kernel
 * fails (TF.js 4.22 does not look), the module traps and traps again ever after. So when memory has
 * run out, the engine starts over: its books, its backend, its heap. All tensors are gone with them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { openWasm } from './wasm.ts';

export async function restartWasm(): Promise<void> {
  const broken = tf.findBackend('wasm');
  if (broken) broken.dispose = () => undefined; // it would run code in the broken heap
  tf.engine().reset();
  await openWasm();
}
