/**
 * The bench in a page of a headless Chromium: `test/bench/index.html`, served by Vite as it stands
 * in the sources; it can be opened by hand too.
 */
import { join } from 'node:path';
import type { Page } from 'playwright';
import { createServer } from 'vite';
import type { Profile } from '../protocol/profile.ts';
import type { BenchCase } from './bench-cases.ts';
import type { BenchRunner, Measured } from './bench-report.ts';
import { openBrowser } from './browser.ts';
import { CliError } from './errors.ts';

const projectFolder = join(import.meta.dirname, '..', '..');

export async function openPage(): Promise<BenchRunner> {
  const server = await createServer({
    root: projectFolder,
    // beside the cache of a `vite` that may be running
    cacheDir: join(projectFolder, 'node_modules', '.vite-bench'),
    optimizeDeps: {
      entries: ['test/bench/index.html'],
      include: [
        '@tensorflow/tfjs-core/dist/register_all_gradients',
        '@tensorflow/tfjs-backend-cpu',
      ],
    },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    logLevel: 'error',
  });
  await server.listen();
  try {
    const root = server.resolvedUrls?.local[0];
    if (root === undefined) throw new CliError('The bench page could not be served.');
    const url = new URL('test/bench/index.html', root);
    const browser = await openBrowser();
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    return {
      version: `Chromium ${browser.context.browser()?.version() ?? 'of unknown version'}`,
      measure: (bench, { device, dry, ours, tune }) =>
        visit<Measured>(page, url, bench, {
          device,
          ...(dry ? { dry: '' } : {}),
          ...(ours ? { ours: '' } : {}),
          ...(tune ? { tune: '' } : {}),
        }),
      profile: (bench) => visit<Profile>(page, url, bench, { profile: '' }),
      async close() {
        await browser.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** A fresh page a case → what it leaves, `T` by what `query` asks for. */
async function visit<T>(
  page: Page,
  url: URL,
  { name }: BenchCase,
  query: Record<string, string>,
): Promise<T> {
  const address = new URL(url);
  address.search = String(new URLSearchParams({ case: name, ...query }));
  const crashed = new Promise<never>((_, reject) => {
    page.once('crash', () => reject(new CliError(`${name}: the page crashed.`)));
  });
  crashed.catch(() => undefined);
  await page.goto(address.href);
  const outcome = page.locator('#result, #failure');
  await Promise.race([outcome.waitFor({ state: 'attached', timeout: 0 }), crashed]);
  const text = (await outcome.textContent()) ?? '';
  if ((await outcome.getAttribute('id')) === 'failure') throw new CliError(`${name}: ${text}`);
  return JSON.parse(text) as T;
}
