/** Sets TF.js's backend for a test: WASM (in node and in the browser), or WebGPU (browser only). */
import '@tensorflow/tfjs-backend-wasm';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

export const inBrowser = 'document' in globalThis;

export async function useBackend(name: 'wasm' | 'webgpu'): Promise<void> {
  if (name === 'wasm') await prepareWasm();
  else await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend(name);
  await tf.ready();
  if (tf.getBackend() !== name) throw new Error(`${name} could not be set: ${tf.getBackend()}`);
}

async function prepareWasm(): Promise<void> {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // single thread, as in the app
  if (tf.findBackend('wasm')) return;
  if (inBrowser) {
    setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    return;
  }
  const { createRequire } = await import('node:module');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${main.slice(0, main.lastIndexOf('/'))}/`);
}
