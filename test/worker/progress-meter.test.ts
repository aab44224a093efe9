import { describe, expect, it } from 'vitest';
import { createProgressMeter, type ProgressMeter } from '../../src/worker/progress-meter.ts';
import type { WorkPlan } from '../../src/train/trainer.ts';

const full: WorkPlan = {
  preparing: { photos: 0, cost: 1 },
  training: { photos: 100, cost: 3 },
  validating: { photos: 50, cost: 1 },
};
const head: WorkPlan = {
  preparing: { photos: 500, cost: 1 },
  training: { photos: 100, cost: 0.01 },
  validating: { photos: 100, cost: 0.01 },
};

function at(work: WorkPlan, epochs = 2, epochsDone = 0) {
  let clock = 0;
  const meter = createProgressMeter({ work, epochs, epochsDone, now: () => clock });
  const after = (ms: number, ...tick: Parameters<ProgressMeter['tick']>): void => {
    clock += ms;
    meter.tick(...tick);
  };
  return { meter, after };
}

describe('createProgressMeter', () => {
  it('knows nothing before the second batch: the first one compiles', () => {
    const { meter, after } = at(full);
    expect(meter.read()).toEqual({ fraction: 0, imagesPerSecond: null, secondsLeft: null });
    after(60_000, 'training', 10);
    expect(meter.read()).toMatchObject({ imagesPerSecond: null, secondsLeft: null });
  });

  it('guesses a stage that has not begun from the one that has', () => {
    const { meter, after } = at(full);
    after(9_000, 'training', 10);
    after(3_000, 'training', 10); // 300 ms a photo, so 100 ms a pass forward
    const { imagesPerSecond, secondsLeft } = meter.read();
    expect(imagesPerSecond).toBeCloseTo(10 / 3);
    expect(secondsLeft).toBeCloseTo(180 * 0.3 + 100 * 0.1);
  });

  it('counts the preparing of photos in', () => {
    const { meter, after } = at(head);
    after(1_000, 'preparing', 100);
    after(1_000, 'preparing', 100);
    const { secondsLeft, fraction } = meter.read();
    expect(secondsLeft).toBeCloseTo(300 * 0.01 + 400 * 0.01 * 0.01);
    expect(fraction).toBeCloseTo(200 / 504);
  });

  it('charges what happens between the stages, and ends at one', () => {
    const { meter, after } = at(full, 1);
    after(1_000, 'training', 50);
    after(1_000, 'training', 50);
    after(500, 'validating', 25);
    after(500, 'validating', 25);
    expect(meter.read()).toEqual({ fraction: 1, imagesPerSecond: 50, secondsLeft: 0 });
  });

  it('never falls, whatever is read and skipped', () => {
    const { meter, after } = at(full);
    let before = 0;
    for (const epoch of [1, 2]) {
      after(100, 'training', 90); // ten could not be read
      after(100, 'validating', 50);
      meter.finishEpoch(epoch);
      const { fraction } = meter.read();
      expect(fraction).toBeGreaterThan(before);
      before = fraction;
    }
    expect(before).toBe(1);
  });

  it('starts where an interrupted run stopped', () => {
    const { meter } = at(full, 4, 3);
    expect(meter.read().fraction).toBe(0.75);
  });

  it('forgets an old pace', () => {
    const { meter, after } = at({ ...full, training: { photos: 10_000, cost: 3 } });
    after(0, 'training', 1);
    after(9_000, 'training', 1);
    for (let i = 0; i < 20; i++) after(1_000, 'training', 100);
    expect(meter.read().imagesPerSecond).toBeCloseTo(100, 0);
  });
});
