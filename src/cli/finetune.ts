/**
 * `npm run finetune`: from a zip to weights without a hand on the mouse. It starts the built app in
 * a headless Chromium and uses it as a person would; it has no door of its own into the app, so
 * what it writes is what the page's downloads hold.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { dictionaries } from '../i18n/dictionaries.ts';
import type { ExportFormat } from '../protocol/trainer-api.ts';
import { openBrowser } from './browser.ts';
import { chooseRecipe, download, importZip, readResults, train } from './drive.ts';
import { CliError, runCommand, UsageError } from './errors.ts';
import { parseOptions, type FinetuneOptions } from './options.ts';
import type { Visitor } from './page.ts';
import { buildApp, isUpToDate, serveApp } from './serve.ts';

const started = performance.now();

function print(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  requireFile('--zip', options.zip);
  if (options.weights) requireFile('--weights', options.weights);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });

  if (!isUpToDate()) {
    print('building the app');
    await buildApp();
  }
  const server = await serveApp({ host: '127.0.0.1', port: 0 });
  try {
    await visit(`${server.url}?${query(options)}`, options, out);
  } finally {
    await server.close();
  }
});

function requireFile(option: string, file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${option}: there is no file “${file}”.`);
  }
}

function query({ lang, device }: FinetuneOptions): URLSearchParams {
  return new URLSearchParams({ lang, ...(device === 'auto' ? {} : { device }) });
}

async function visit(url: string, options: FinetuneOptions, out: string): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    const visitor: Visitor = { page, t: dictionaries[options.lang], print };
    const crashed = new Promise<never>((_, reject) => {
      page.once('crash', () =>
        reject(new CliError('The page crashed, most often for lack of memory.')),
      );
      page.once('pageerror', (error) => reject(new CliError(`The page failed: ${error.message}`)));
    });
    await Promise.race([drive(visitor, url, options, out), crashed]);
  } finally {
    await browser.close();
  }
}

async function drive(
  visitor: Visitor,
  url: string,
  options: FinetuneOptions,
  out: string,
): Promise<void> {
  await visitor.page.goto(url);
  await importZip(visitor, resolve(options.zip));
  await chooseRecipe(visitor, options);
  await train(visitor);
  await readResults(visitor);

  // the packages first: the report lists them and the time they took
  for (const format of options.exports) {
    const file = await download(visitor, packageButton(visitor, format));
    unzipInto(readFileSync(await file.path()), join(out, 'exports', format));
    print(`${file.suggestedFilename()} → ${join(out, 'exports', format)}`);
  }
  const report = await download(visitor, visitor.t.use.download.report);
  await report.saveAs(join(out, 'report.json'));
  print(`report → ${join(out, 'report.json')}`);
}

function packageButton({ t }: Visitor, format: ExportFormat): string {
  switch (format) {
    case 'safetensors':
      return t.use.download.weights;
    default:
      return format satisfies never;
  }
}

function unzipInto(zip: Uint8Array, folder: string): void {
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const file = resolve(folder, name);
    if (!file.startsWith(resolve(folder)))
      throw new CliError(`unsafe name in the package: ${name}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
