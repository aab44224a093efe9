import { describe, expect, it } from 'vitest';
import type { CaseResult, Measures } from '../../src/cli/bench-cases.ts';
import { benchTable } from '../../src/cli/bench-table.ts';
import type { TorchReport } from '../../src/cli/bench-torch.ts';

const counted: Measures = {
  ms: 12.34,
  hostMs: 140,
  dispatches: 2007,
  submits: 134,
  buffers: 0,
  bindGroups: 2007,
  uploadBytes: 639_180_000,
  peakBytes: 5_580_000_000,
  boundBytes: 812,
};
const uncounted: Measures = {
  ms: 1234.5,
  hostMs: null,
  dispatches: null,
  submits: null,
  buffers: null,
  bindGroups: null,
  uploadBytes: null,
  peakBytes: null,
  boundBytes: null,
};

function result(change: Partial<CaseResult>): CaseResult {
  return { name: 'step', ours: counted, stock: counted, ratio: 1, notes: [], ...change };
}

describe('benchTable', () => {
  it('sets ours over stock, in units that fit', () => {
    const [header, ours, stock, ...rest] = benchTable([result({ ratio: 4.321 })], null).split('\n');
    expect(header?.split(/ {2,}/)).toEqual([
      ...['case', 'engine', 'ms', 'host ms', 'dispatches', 'submits', 'buffers'],
      ...['bind groups', 'uploads', 'peak', 'bound', 'stock / ours'],
    ]);
    const figures = ['12.3', '140', '2007', '134', '0', '2007', '639.18 MB', '5.58 GB', '812 B'];
    expect(ours?.split(/ {2,}/)).toEqual(['step', 'ours', ...figures, '4.32']);
    expect(stock?.trim().split(/ {2,}/)).toEqual(['stock', ...figures]);
    expect(ours?.indexOf('2007')).toBe(stock?.indexOf('2007'));
    expect(rest).toEqual([]);
  });

  it('shows what was not measured as such, and why', () => {
    const notes = ['stock TF.js cannot train on wasm'];
    const lines = benchTable([result({ ours: uncounted, stock: null, ratio: null, notes })], null);
    expect(lines).toMatch(/step +ours +1235( +-){9}\n +stock( +-){9}\n/); // ours: with the ratio
    expect(lines).toMatch(/\nstep: stock TF.js cannot train on wasm$/);
  });

  it('sets PyTorch’s time beside ours, where it has the case', () => {
    const torch: TorchReport = {
      torch: '2.9.1',
      device: 'NVIDIA H100',
      date: '2026-01-01T00:00:00+00:00',
      matmul: { size: 4096, tflops: 51.26, tf32Tflops: null },
      cases: { step: { ms: 6.17, tf32Ms: 3.2 } },
    };
    const lines = benchTable([result({}), result({ name: 'features' })], torch).split('\n');
    expect(lines[0]).toMatch(/stock \/ ours {2}torch ms {2}tf32 ms {2}torch \/ ours$/);
    expect(lines[1]).toMatch(/1\.00 +6\.2 +3\.2 +0\.50$/);
    expect(lines[3]).toMatch(/1\.00( +-){3}$/);
    expect(lines[5]).toBe('PyTorch 2.9.1 on NVIDIA H100: 4096² product 51.26 TFLOPS');
  });

  it('begins with what is slower than stock', () => {
    const table = benchTable([result({}), result({ name: 'features', ratio: 0.804 })], null);
    expect(table.split('\n')[0]).toBe('Slower than stock: features (0.80)');
    expect(table.match(/Slower/g)).toHaveLength(1);
  });
});
