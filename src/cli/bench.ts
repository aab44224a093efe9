/**
 * `npm run bench`: Graft's engine against stock TF.js, in alternation in the same page of a
 * headless Chromium. The page is `test/bench/index.html`, served by Vite as it stands in the
 * sources; it can be opened by hand too.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { createServer } from 'vite';
import type { BenchCase, BenchReport, CaseResult } from './bench-cases.ts';
import { parseBenchOptions, type BenchOptions } from './bench-options.ts';
import { benchTable } from './bench-table.ts';
import { openBrowser } from './browser.ts';
import { CliError, runCommand } from './errors.ts';

const projectFolder = join(import.meta.dirname, '..', '..');

await runCommand(async () => {
  const options = parseBenchOptions(process.argv.slice(2));
  const server = await createServer({
    root: projectFolder,
    // beside the cache of a `vite` that may be running
    cacheDir: join(projectFolder, 'node_modules', '.vite-bench'),
    optimizeDeps: {
      entries: ['test/bench/index.html'],
      include: ['@tensorflow/tfjs-core/dist/register_all_gradients'],
    },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    logLevel: 'error',
  });
  await server.listen();
  try {
    const url = server.resolvedUrls?.local[0];
    if (url === undefined) throw new CliError('The bench page could not be served.');
    await bench(new URL('test/bench/index.html', url), options);
  } finally {
    await server.close();
  }
});

async function bench(url: URL, options: BenchOptions): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    let adapter = '';
    const cases: CaseResult[] = [];
    for (const one of options.cases) {
      process.stdout.write(`${one.name}\n`);
      const measured = await measure(page, url, one, options);
      adapter = measured.adapter;
      cases.push(measured.result);
    }
    const dry = options.dry ? ', dry' : '';
    process.stdout.write(`\n${adapter}${dry}\n${benchTable(cases)}\n`);
    if (options.json !== null) {
      const report: BenchReport = { adapter, cases };
      writeFileSync(resolve(options.json), `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await browser.close();
  }
}

/** A fresh page a case: nothing of the last one is left on the device. */
async function measure(
  page: Page,
  url: URL,
  { name }: BenchCase,
  { device, dry }: BenchOptions,
): Promise<{ adapter: string; result: CaseResult }> {
  const address = new URL(url);
  address.search = String(new URLSearchParams({ case: name, device, ...(dry ? { dry: '' } : {}) }));
  const crashed = new Promise<never>((_, reject) => {
    page.once('crash', () => reject(new CliError(`${name}: the page crashed.`)));
  });
  crashed.catch(() => undefined);
  await page.goto(address.href);
  const outcome = page.locator('#result, #failure');
  await Promise.race([outcome.waitFor({ state: 'attached', timeout: 0 }), crashed]);
  const text = (await outcome.textContent()) ?? '';
  if ((await outcome.getAttribute('id')) === 'failure') throw new CliError(`${name}: ${text}`);
  return JSON.parse(text) as { adapter: string; result: CaseResult };
}
