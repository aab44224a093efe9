export type DevicePreference = 'auto' | 'webgpu' | 'wasm';
export type BackendName = 'webgpu' | 'wasm';

export interface DeviceInfo {
  backend: BackendName;
  /** As the driver names it; 'CPU (WASM SIMD)' on the WASM backend. */
  adapter: string;
  software: boolean; // a GPU that is emulated on the CPU
  /** Why this backend: the page says it in words. */
  reason: 'real-gpu' | 'asked' | 'no-webgpu' | 'no-adapter' | 'software-adapter' | 'gpu-failed';
}

/** Counted on the GPU during training; null on WASM. */
export interface GpuCounts {
  dispatchesPerStep: number;
  submitsPerStep: number;
  peakBytes: number;
}

export interface MemoryInfo {
  tensors: number;
  bytes: number; // held by tensors
  gpuBytes: number | null; // held by GPU buffers, WebGPU only
}
