/**
 * `npm run bench`: Graft's engine against stock TF.js, in alternation on the same GPU: in a page of
 * a headless Chromium, or without one in node (`--runtime node`). With `--profile`: where the time
 * of our own step goes.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { profileText } from '../i18n/profile-text.ts';
import type { Profile } from '../protocol/profile.ts';
import { openNode } from './bench-node.ts';
import { parseBenchOptions, type BenchOptions } from './bench-options.ts';
import { openPage } from './bench-page.ts';
import type { BenchReport, BenchRunner, Measured } from './bench-report.ts';
import { benchTable } from './bench-table.ts';
import { readTorch, type TorchReport } from './bench-torch.ts';
import { runCommand } from './errors.ts';

await runCommand(async () => {
  const options = parseBenchOptions(process.argv.slice(2));
  const torch = options.torch === null ? null : readTorch(resolve(options.torch));
  const runner = await { page: openPage, node: openNode }[options.runtime]();
  try {
    await (options.profile ? profile(runner, options) : bench(runner, options, torch));
  } finally {
    await runner.close();
  }
});

async function bench(
  runner: BenchRunner,
  options: BenchOptions,
  torch: TorchReport | null,
): Promise<void> {
  const { dry } = options;
  const all: Measured[] = [];
  for (const one of options.cases) {
    process.stdout.write(`${one.name}\n`);
    all.push(await runner.measure(one, options));
  }
  const cases = all.map(({ result }) => result);
  const last = all.at(-1);
  const gpu = last?.gpu ?? null;
  const adapter = gpu?.device || last?.adapter || '';
  const driver = gpu?.description || null;
  const { version } = runner;
  const heading = [adapter, driver, version, dry ? 'dry' : null].filter(Boolean).join(', ');
  process.stdout.write(`\n${heading}\n${benchTable(cases, torch)}\n`);
  write(options, { version, adapter, driver, gpu, cases, profiles: [], torch });
}

async function profile(runner: BenchRunner, options: BenchOptions): Promise<void> {
  const profiles: Profile[] = [];
  for (const one of options.cases) {
    const found = await runner.profile(one);
    process.stdout.write(`${one.name}\n${profileText(found)}\n\n`);
    profiles.push(found);
  }
  const { version } = runner;
  const adapter = profiles.at(-1)?.device.adapter ?? '';
  write(options, { version, adapter, driver: null, gpu: null, cases: [], profiles, torch: null });
}

function write(
  { json, dry, runtime }: BenchOptions,
  found: Omit<BenchReport, 'date' | 'runtime' | 'dry'>,
): void {
  if (json === null) return;
  const report: BenchReport = { date: new Date().toISOString(), runtime, dry, ...found };
  writeFileSync(resolve(json), `${JSON.stringify(report, null, 2)}\n`);
}
