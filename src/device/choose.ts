/**
 * Which device computes: a real GPU through WebGPU, else the CPU through WASM SIMD. A GPU that is
 * emulated on the CPU is slower than WASM and is taken only when asked for by name.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DeviceInfo, DevicePreference } from '../protocol/device.ts';
import { AppError } from '../protocol/errors.ts';
import { adapterName, isSoftwareAdapter } from './adapter.ts';
import { openWasm } from './wasm.ts';
import { openWebGpu, type GpuHold } from './webgpu.ts';

interface Chosen {
  preference: DevicePreference;
  info: DeviceInfo;
  gpu: GpuHold | null;
}

let chosen: Chosen | null = null;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Sets TF.js's backend. Asking again for the same is free; asking for another gives the old device
 * back, and with it every tensor on it. Calls wait for each other.
 */
export function chooseDevice(preference: DevicePreference): Promise<DeviceInfo> {
  const mine = turn.then(() => choose(preference));
  turn = mine.catch(() => undefined);
  return mine;
}

/** Throws when TF.js computes elsewhere than we said: it falls back without a word. */
export function assertBackend(info: DeviceInfo): void {
  const found = tf.getBackend();
  if (found !== info.backend) {
    throw new AppError('backend-changed', { expected: info.backend, found: String(found) });
  }
}

/** The GPU device in use, for passes of our own; null on WASM. */
export function gpuDevice(): GPUDevice | null {
  return chosen?.gpu?.device ?? null;
}

async function choose(preference: DevicePreference): Promise<DeviceInfo> {
  if (chosen !== null && chosen.preference === preference && chosen.gpu?.lost !== true) {
    assertBackend(chosen.info);
    return chosen.info;
  }
  chosen?.gpu?.release();
  chosen = null;
  const next = await open(preference);
  assertBackend(next.info);
  chosen = { preference, ...next };
  return next.info;
}

async function open(preference: DevicePreference): Promise<Omit<Chosen, 'preference'>> {
  if (preference === 'wasm') return wasm('asked');
  const adapter = await findAdapter(preference);
  if (typeof adapter === 'string') {
    if (preference === 'webgpu') throw new AppError('webgpu-unavailable', { reason: adapter });
    return wasm(adapter);
  }
  const software = isSoftwareAdapter(adapter.info);
  if (software && preference === 'auto') return wasm('software-adapter');
  try {
    const gpu = await openWebGpu(adapter);
    const reason = preference === 'webgpu' ? 'asked' : 'real-gpu';
    const name = adapterName(adapter.info);
    return { info: { backend: 'webgpu', adapter: name, software, reason }, gpu };
  } catch (error) {
    if (preference === 'auto') return wasm('gpu-failed');
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('webgpu-unavailable', { reason }, { cause: error });
  }
}

async function findAdapter(
  preference: DevicePreference,
): Promise<GPUAdapter | 'no-webgpu' | 'no-adapter'> {
  // Undefined in browsers without WebGPU and on insecure origins, whatever the types say.
  const gpu: GPU | undefined = navigator.gpu;
  if (gpu === undefined) return 'no-webgpu';
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter !== null) return adapter;
  if (preference !== 'webgpu') return 'no-adapter';
  return (await gpu.requestAdapter({ forceFallbackAdapter: true })) ?? 'no-adapter';
}

async function wasm(reason: DeviceInfo['reason']): Promise<Omit<Chosen, 'preference'>> {
  await openWasm();
  return {
    info: { backend: 'wasm', adapter: 'CPU (WASM SIMD)', software: false, reason },
    gpu: null,
  };
}
