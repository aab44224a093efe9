import { beforeAll, describe, expect, it } from 'vitest';
import type { RunStage, TrainEvent } from '../../src/protocol/run.ts';
import { createRunEvents } from '../../src/worker/run-events.ts';
import { useBackend } from '../support/backends.ts';

beforeAll(() => useBackend('wasm'));

function setUp() {
  const told: TrainEvent[] = [];
  let clock = 0;
  const events = createRunEvents(
    (event) => told.push(event),
    () => clock,
  );
  const wait = (ms: number): number => (clock += ms);
  return { events, told, wait };
}

const step = (n: number): RunStage => ({
  stage: 'training',
  epoch: 1,
  epochs: 1,
  step: n,
  steps: 1000,
});

describe('progress', () => {
  it('is told five times a second, however fast the steps', () => {
    const { events, told, wait } = setUp();
    for (let n = 1; n <= 1000; n++) {
      wait(2);
      events.progress(step(n));
    }
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThanOrEqual(10); // in two seconds
  });

  it('is told at once where a stage is new to the run', () => {
    const { events, told } = setUp();
    events.progress({ stage: 'loading' });
    events.progress({ stage: 'compiling' });
    events.progress(step(1), 0.5);
    events.progress(step(2));
    events.progress({ stage: 'saving' });
    const stages = told.map((event) => event.kind === 'progress' && event.stage.stage);
    expect(stages).toEqual(['loading', 'compiling', 'training', 'saving']);
    expect(told[2]).toMatchObject({ runningLoss: 0.5, memory: { bytes: expect.any(Number) } });
  });

  it('has a pace only where photos pass', () => {
    const { events, told, wait } = setUp();
    const meter = events.measure({
      work: {
        preparing: { photos: 0, cost: 1 },
        training: { photos: 30, cost: 1 },
        validating: { photos: 0, cost: 1 },
      },
      epochs: 1,
      epochsDone: 0,
    });
    for (let n = 1; n <= 3; n++) {
      wait(1000);
      meter.tick('training', 10);
    }
    events.progress(step(3));
    events.progress({ stage: 'saving' });
    expect(told[0]).toMatchObject({ imagesPerSecond: 10, fraction: 1, secondsLeft: 0 });
    expect(told[1]).toMatchObject({ imagesPerSecond: null, fraction: 1, secondsLeft: 0 });
  });
});
