/**
 * TF.js on a WebGPU device of our own. `@tensorflow/tfjs-backend-webgpu` registers a factory that
 * asks for a device by itself; we put ours in its place (`WebGPUBackend` is made to be given one,
 * `src/base.ts` there), so that limits are our choice, the device is counted and watched, and our
 * own passes run on the same one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { countGpu, stopCounting } from './counters.ts';
import { releaseDevice, watchDevice } from './lost.ts';

export interface GpuHold {
  readonly device: GPUDevice;
  readonly lost: boolean;
  release(): void;
}

/**
 * Raised to what the adapter has. WebGPU's defaults are too small for training: one activation of
 * a mobile network at batch 32 is 154 MB, the default binding 128 MiB.
 */
const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Asked for where the adapter has them; whoever uses one looks whether the device got it. */
const wantedFeatures = [
  'timestamp-query', // the profiler times each dispatch
  'shader-f16', // half-precision storage
  'subgroups', // sums across lanes without workgroup memory
] as const satisfies readonly GPUFeatureName[];

export async function openWebGpu(adapter: GPUAdapter): Promise<GpuHold> {
  const requiredLimits = Object.fromEntries(
    raisedLimits.map((name) => [name, adapter.limits[name]]),
  );
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  const watched = watchDevice(device);
  countGpu(device);
  const hold: GpuHold = {
    device,
    get lost() {
      return watched.lost;
    },
    release() {
      stopCounting();
      removeBackend();
      releaseDevice(device);
    },
  };
  try {
    removeBackend();
    tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info), backendPriority);
    await tf.setBackend('webgpu');
    await tf.ready();
    await probe();
    return hold;
  } catch (error) {
    hold.release();
    throw error;
  }
}

const backendPriority = 3; // as TF.js gives its own: above WASM

function removeBackend(): void {
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
}

/** A product whose values we know: some drivers compile shaders and compute garbage. */
async function probe(): Promise<void> {
  const size = 64; // enough to leave TF.js's own shortcut to the CPU
  const product = tf.tidy(() => {
    const ramp = tf.div(tf.range(0, size * size, 1, 'float32'), size * size);
    return tf.matMul(tf.reshape(ramp, [size, size]), tf.ones([size, size])); // [size, size]
  });
  const found = await product.data();
  product.dispose();
  for (let row = 0; row < size; row++) {
    const expected = row + (size - 1) / (2 * size); // the sum of the row
    const value = found[row * size] ?? NaN;
    if (!(Math.abs(value - expected) <= 1e-3 * (1 + expected))) {
      throw new Error(`the GPU computes wrong sums: expected ${expected}, got ${value}`);
    }
  }
}
