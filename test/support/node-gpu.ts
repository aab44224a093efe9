/** A GPU for tests in node: they start in seconds, a browser does not. */
import { chooseDevice, gpuDevice } from '../../src/device/choose.ts';
import { installNodeGpu } from './dawn.ts';

/**
 * The app's own device, with TF.js's backend 'webgpu' on it (WASM: choose that one later, in the
 * same process); null where there is none: skip, and say so.
 *
 *     const device = await openNodeGpu();
 *     describe.skipIf(device === null)('on a GPU', ...)
 */
export async function openNodeGpu(): Promise<GPUDevice | null> {
  if (!(await installNodeGpu())) return null;
  await chooseDevice('webgpu');
  return gpuDevice();
}
