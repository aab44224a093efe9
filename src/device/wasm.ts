/**
 * TF.js on the CPU: its single-threaded SIMD build. The threaded one does not survive minifying
 * (`e is not defined` in its worker, TF.js 4.22) and would need cross-origin isolation.
 */
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simdBinary from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';

export async function openWasm(): Promise<void> {
  // Asked for one by one before the module starts, and never again: all names lead to SIMD.
  setWasmPaths({
    'tfjs-backend-wasm.wasm': simdBinary,
    'tfjs-backend-wasm-simd.wasm': simdBinary,
    'tfjs-backend-wasm-threaded-simd.wasm': simdBinary,
  });
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
}
