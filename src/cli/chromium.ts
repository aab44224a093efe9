/** Where this machine's Chromium or Chrome is, and the switches our tools start it with. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** WebGPU without a GPU: Chromium's software adapter, off by default in headless mode. */
export const webgpuArgs = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of the first Chromium found, `GRAFT_CHROMIUM` before all; '' where there is none. */
export function findChromium(): string {
  const candidates = [process.env.GRAFT_CHROMIUM ?? '', ...usualPlaces, chromium.executablePath()];
  return candidates.find((path) => path !== '' && existsSync(path)) ?? '';
}
