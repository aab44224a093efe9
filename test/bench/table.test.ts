import { describe, expect, it } from 'vitest';
import type { CaseResult, Measures } from '../../src/cli/bench-cases.ts';
import { benchTable } from '../../src/cli/bench-table.ts';

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

  it('begins with what is slower than stock', () => {
    const table = benchTable([result({}), result({ name: 'features', ratio: 0.804 })], null);
    expect(table.split('\n')[0]).toBe('Slower than stock: features (0.80)');
    expect(table.match(/Slower/g)).toHaveLength(1);
  });
});
