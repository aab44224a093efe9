import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import type { EpochMetrics } from '../../src/protocol/run.ts';
import { requireFinite, withEpoch, withTiming } from '../../src/worker/run-record.ts';
import { someRun } from '../storage/support.ts';

const metrics: EpochMetrics = {
  epoch: 3,
  trainLoss: 0.5,
  trainTop1: 0.75,
  valLoss: 0.25,
  valTop1: 1,
  valTop5: 1,
  learningRate: 0.1,
  seconds: 2,
};
const best = { epoch: 3, valTop1: 1, valTop5: 1, interval: [0.5, 1] as [number, number] };

describe('requireFinite', () => {
  it('lets numbers pass', () => {
    expect(() => requireFinite(metrics)).not.toThrow();
  });

  it.each([{ trainLoss: Number.NaN }, { valLoss: Infinity }])('says diverged of %o', (change) => {
    expect(() => requireFinite({ ...metrics, ...change })).toThrow(
      new AppError('diverged', { epoch: 3, learningRate: 0.1 }),
    );
  });
});

describe('a run', () => {
  it('grows by an epoch, its time and the most memory so far', () => {
    const gpu = { dispatchesPerStep: 10, submitsPerStep: 2, peakBytes: 100 };
    const one = withEpoch(someRun('r'), metrics, best, gpu);
    const two = withEpoch(one, { ...metrics, epoch: 4 }, best, { ...gpu, peakBytes: 50 });
    expect(two.epochs.map(({ epoch }) => epoch)).toEqual([3, 4]);
    expect(two.timings.trainMs).toBe(4000);
    expect(two.gpu?.peakBytes).toBe(100);
  });

  it('adds up what it did twice', () => {
    const once = withTiming(someRun('r'), 'prepareMs', 5);
    expect(withTiming(once, 'prepareMs', 7).timings.prepareMs).toBe(12);
  });
});
