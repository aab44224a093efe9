/**
 * `npm test`: everything that must hold, in the order in which it fails fastest, closed by one line
 * that counts. `npm test -- unit e2e` runs only the stages named.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureChromium } from './install-chromium.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const results = 'test-results';
const vitestReport = (project: string) => `${results}/${project}.json`;
const playwrightReport = `${results}/e2e.json`;

const vitest = (project: string) => [
  ...['vitest', 'run', '--project', project],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport(project)}`],
];

const stages = {
  check: { run: [['npm', 'run', '--silent', 'check']], count: countExit },
  unit: { run: [['npx', ...vitest('unit')]], count: () => countVitest(vitestReport('unit')) },
  browser: {
    run: [['npx', ...vitest('browser')]],
    count: () => countVitest(vitestReport('browser')),
  },
  e2e: {
    run: [
      ['npm', 'run', '--silent', 'build'],
      ['npx', 'playwright', 'test', '-c', 'test/e2e/playwright.config.ts'],
    ],
    count: () => countPlaywright(playwrightReport),
  },
} satisfies Record<string, { run: string[][]; count: (ok: boolean) => Counts }>;

type Stage = keyof typeof stages;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(
    `No such stage: ${unknown.join(', ')}. There are: ${Object.keys(stages).join(', ')}.`,
  );
  process.exit(2);
}

process.env.GRAFT_CHROMIUM = ensureChromium();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const name of (asked.length > 0 ? asked : Object.keys(stages)) as Stage[]) {
  const { run, count } = stages[name];
  const started = performance.now();
  console.log(`\n=== ${name}`);
  const ok = run.every(runs);
  const counts = count(ok);
  // A stage that broke outside its tests (a build, a crash) counts as one failure.
  if (!ok && counts.failed === 0) counts.failed = 1;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`=== ${name}: ${sentence(counts)} in ${seconds} s`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${sentence(total)}`);
process.exit(total.failed === 0 ? 0 : 1);

function runs([command = '', ...args]: string[]): boolean {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status === 0;
}

function sentence({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function countExit(ok: boolean): Counts {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function countVitest(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  return {
    passed: report.numPassedTests ?? 0,
    failed: report.numFailedTests ?? 0,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
}

function countPlaywright(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const { stats } = JSON.parse(readFileSync(file, 'utf8')) as { stats: Record<string, number> };
  return {
    passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
    failed: stats.unexpected ?? 0,
    skipped: stats.skipped ?? 0,
  };
}
