/**
 * WebGPU in node, without a browser: Dawn, as npm `webgpu` packs it, under the names that a browser
 * gives it. It computes on Vulkan (Metal, Direct3D): a driver of a real GPU first, else
 * SwiftShader, which comes with Chromium and needs no GPU.
 */
import { existsSync } from 'node:fs';
import type * as Dawn from 'webgpu';

/** Vulkan's loader reads in these where its drivers are. */
const driverVariables = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES'];

const swiftShaderPlaces = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/** Gives this process `navigator.gpu` and WebGPU's classes; false where no adapter is found. */
export async function installNodeGpu(): Promise<boolean> {
  const dawn = await loadDawn();
  if (dawn === null) return false;
  const gpu = await findGpu(dawn);
  if (gpu === null) return false;
  Object.assign(globalThis, dawn.globals);
  if (!('navigator' in globalThis)) {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  }
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return true;
}

/** The package is optional, and has no binary for every platform there is. */
async function loadDawn(): Promise<typeof Dawn | null> {
  try {
    return await import('webgpu');
  } catch {
    return null;
  }
}

async function findGpu(dawn: typeof Dawn): Promise<GPU | null> {
  const gpu = dawn.create([]);
  if ((await gpu.requestAdapter()) !== null) return gpu;
  const swiftShader = swiftShaderPlaces.find((path) => existsSync(path));
  if (swiftShader === undefined || driverVariables.some((name) => process.env[name])) return null;
  process.env.VK_ICD_FILENAMES = swiftShader; // read anew by the next instance
  const emulated = dawn.create([]);
  return (await emulated.requestAdapter()) === null ? null : emulated;
}
