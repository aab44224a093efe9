import { describe, expect, it } from 'vitest';
import { buildReport } from '../../src/export/report.ts';
import { classes, dataset, evaluation, run } from './fixtures.ts';

describe('buildReport', () => {
  it('has the shape that scripts rely on, and nothing else', () => {
    expect(buildReport(run, evaluation, dataset, 50_000, ['a.zip'])).toEqual({
      config: run.config,
      device: { backend: 'wasm', adapter: 'CPU (WASM SIMD)' },
      dataset: {
        classes,
        counts: { train: 6, val: 2, test: 0 },
        skipped: [{ name: 'Thumbs.db', reason: 'litter' }],
      },
      epochs: [
        { epoch: 1, trainLoss: 1.5, trainTop1: 0.25, valLoss: 1 / 3, valTop1: 0.5, seconds: 2.5 },
        { epoch: 2, trainLoss: 0.75, trainTop1: 0.5, valLoss: 1 / 3, valTop1: 0.5, seconds: 2.5 },
      ],
      best: { epoch: 2, valTop1: 0.5, valTop5: 1, interval: [0.2, 0.8] },
      confusion: evaluation.confusion,
      predictions: [
        { path: 'val/柠檬/1.jpg', label: 0, predicted: 0, probabilities: [0.8, 0.1, 0.1] },
        { path: 'val/苹果/1.jpg', label: 1, predicted: 0, probabilities: [0.6, 0.3, 0.1] },
      ],
      timings: {
        importMs: 1,
        prepareMs: 20,
        trainMs: 300,
        evaluateMs: 4000,
        exportMs: 50_000,
        totalMs: 54_321,
      },
      gpu: null,
      files: ['a.zip'],
    });
  });

  it('refuses a run without a finished epoch', () => {
    expect(() => buildReport({ ...run, best: null }, evaluation, dataset, 0, [])).toThrow(
      /checkpoint-not-found/,
    );
  });
});
