/**
 * `npm run bench`: Graft's engine against stock TF.js, in alternation on the same GPU: in a page of
 * a headless Chromium, or without one in node (`--runtime node`).
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
    await bench(runner, options, torch);
  } finally {
    await runner.close();
  }
});

async function bench(
  runner: BenchRunner,
  options: BenchOptions,
  torch: TorchReport | null,
): Promise<void> {
  const { dry, runtime } = options;
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
  if (options.json === null) return;
  const date = new Date().toISOString();
  const report: BenchReport = { date, runtime, version, adapter, driver, gpu, dry, cases, torch };
  writeFileSync(resolve(options.json), `${JSON.stringify(report, null, 2)}\n`);
}
