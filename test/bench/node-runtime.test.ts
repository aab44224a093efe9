/** `npm run bench -- --runtime node`, as a GPU machine without a browser runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '../../src/cli/bench-report.ts';
import { profileText } from '../../src/i18n/profile-text.ts';
import { totalOf } from '../../src/protocol/profile.ts';
import { installNodeGpu } from '../support/dawn.ts';

const folder = mkdtempSync(join(tmpdir(), 'graft-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const root = join(import.meta.dirname, '..', '..');

function bench(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['--import', 'tsx', 'src/cli/bench.ts', ...options];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

describe.skipIf(!(await installNodeGpu()))('over Dawn', () => {
  it('counts for stock what the page counts, and says on what', { timeout: 300_000 }, () => {
    const json = join(folder, 'report.json');
    const name = 'step/resnet18/64/b4/all';
    const { status, stderr } = bench(
      ...['--runtime', 'node', '--dry', '--only', name, '--json', json],
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const report = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
    expect(report).toMatchObject({ runtime: 'node', dry: true, torch: null });
    expect(report.version).toMatch(/^node v\d+.*, webgpu \d/);
    expect(report.adapter).not.toBe('');
    expect(report.gpu?.vendor).not.toBe('');
    expect(Date.now() - Date.parse(report.date)).toBeLessThan(300_000);
    expect(report.cases).toHaveLength(1);
    expect(report.cases[0]).toMatchObject({
      name,
      ours: { ms: null },
      // as in baseline.browser.test.ts
      stock: { ms: null, dispatches: 2007, submits: 134, bindGroups: 2007 },
      notes: [],
    });
    expect(report.cases[0]?.ours.dispatches).toBeGreaterThan(0);
  });

  it('says where the time of our step goes', { timeout: 600_000 }, () => {
    const json = join(folder, 'profile.json');
    const name = 'step/resnet18/64/b4/all';
    const { status, stdout, stderr } = bench(
      ...['--runtime', 'node', '--profile', '--only', name, '--json', json],
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { cases, profiles } = JSON.parse(readFileSync(json, 'utf8')) as BenchReport;
    expect(cases).toEqual([]);
    const [profile] = profiles;
    if (!profile) throw new Error('no profile');
    expect(profile.task).toMatchObject({ imageSize: 64, batchSize: 4 });
    expect(profile.step).toMatchObject({ submits: 1, buffers: 0, bindGroups: 0 });
    expect(totalOf(profile.rows).dispatches).toBe(profile.step.dispatches);
    expect(stdout).toContain(profileText(profile));
  });
});

it('refuses a file that is not PyTorch’s, before anything is measured', () => {
  const file = join(folder, 'torch.json');
  writeFileSync(file, JSON.stringify({ torch: '2.9.1', cases: {} }));
  const { status, stdout, stderr } = bench('--torch', file);
  expect(stderr).toContain('is not a file of test/bench/torch_step.py');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});
