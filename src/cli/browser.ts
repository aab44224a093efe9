/** A headless Chromium with a profile of its own, gone when it is closed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright';
import { findChromium } from './chromium.ts';
import { CliError } from './errors.ts';

export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

/**
 * A real GPU where there is one: unlike the tests, nothing here asks for the emulated adapter, which
 * Chromium falls back to by itself.
 */
const gpuArgs = [
  '--enable-unsafe-webgpu',
  '--ignore-gpu-blocklist',
  ...(process.platform === 'linux' ? ['--enable-features=Vulkan'] : []),
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === '') {
    throw new CliError(
      'No Chromium or Chrome was found: install one, or name it in GRAFT_CHROMIUM.',
    );
  }
  // a profile on disk: a private window would keep the whole dataset in memory
  const profile = mkdtempSync(join(tmpdir(), 'graft-profile-'));
  const forget = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', forget);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: gpuArgs,
    chromiumSandbox: process.getuid?.() !== 0, // Chromium has none for root
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
  });
  return {
    context,
    async close() {
      await context.close();
      forget();
      process.off('exit', forget);
    },
  };
}
