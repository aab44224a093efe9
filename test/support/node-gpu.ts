/** A GPU for tests in node: they start in seconds, a browser does not. */
import { afterEach, expect } from 'vitest';
import { chooseDevice, gpuDevice } from '../../src/device/choose.ts';
import { onGpuError } from '../../src/device/lost.ts';
import { installNodeGpu } from './dawn.ts';

/**
 * The app's own device, with TF.js's backend 'webgpu' on it (WASM: choose that one later, in the
 * same process); null where there is none: skip, and say so. A WebGPU error that nobody captured
 * fails the test that it comes up in.
 *
 *     const device = await openNodeGpu();
 *     describe.skipIf(device === null)('on a GPU', ...)
 */
export async function openNodeGpu(): Promise<GPUDevice | null> {
  if (!(await installNodeGpu())) return null;
  await chooseDevice('webgpu');
  const errors: string[] = [];
  onGpuError((detail) => errors.push(detail));
  afterEach(async () => {
    await gpuDevice()?.queue.onSubmittedWorkDone(); // errors arrive late
    expect(errors.splice(0), 'uncaptured GPU errors').toEqual([]);
  });
  return gpuDevice();
}
