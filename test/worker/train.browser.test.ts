/** Whole runs in a real trainer worker, on WASM, from an imported zip to stored weights. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/protocol/dataset.ts';
import { strategies, type TrainEvent } from '../../src/protocol/run.ts';
import type { EpochMetrics } from '../../src/protocol/run.ts';
import {
  codeOf,
  storeColours,
  smallConfig,
  startTrainer,
  train,
  type TrainerHandle,
} from './support.ts';

let dataset: Dataset;
let trainer: TrainerHandle;

beforeAll(async () => {
  dataset = await storeColours();
});
beforeEach(async () => {
  trainer = startTrainer();
  await trainer.api.call('device.choose', { preference: 'wasm' });
  for (const { id } of await trainer.api.call('runs.list', null)) {
    await trainer.api.call('runs.delete', { id });
  }
});
afterEach(() => trainer.worker.terminate());

const withoutTime = (epochs: EpochMetrics[]) => epochs.map((epoch) => ({ ...epoch, seconds: 0 }));

describe.each(strategies)('a run of strategy %s', (strategy) => {
  it('ends with metrics, best weights and an evaluation that are all on the disk', async () => {
    const { api } = trainer;
    const { run, events } = await train(api, smallConfig(dataset, { strategy }));
    expect(run).toMatchObject({ status: 'finished', error: null, classes: ['红', '绿', '蓝'] });
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(await api.call('runs.list', null)).toEqual([run]);

    const evaluation = await api.call('runs.evaluation', { id: run.id });
    expect(evaluation).toMatchObject({ count: 12, top1: run.best?.valTop1 });
    expect(evaluation?.predictions[0]?.path).toMatch(/^val\/红\/\d+\.png$/);

    expect(events[0]).toMatchObject({ kind: 'started', run: { id: run.id, status: 'running' } });
    const told = events.filter((event) => event.kind === 'epoch').map(({ metrics }) => metrics);
    expect(told).toEqual(run.epochs);
    const fractions = events.flatMap((e) => (e.kind === 'progress' ? [e.fraction] : []));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    const stages = new Set(events.map((e) => (e.kind === 'progress' ? e.stage.stage : null)));
    expect(stages).toContain('loading');
    expect(stages).toContain('saving');
    expect(stages.has('preparing')).toBe(strategy === 'head');
  });
});

describe('head only', () => {
  it('tells three colours apart, and says so of a photo it is shown', async () => {
    const { api } = trainer;
    const { run } = await train(api, smallConfig(dataset, { epochs: 30 }));
    expect(run.best?.valTop1).toBe(1);
    const canvas = new OffscreenCanvas(50, 40);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = 'rgb(35, 45, 205)';
    context.fillRect(0, 0, 50, 40);
    const photo = await canvas.convertToBlob();
    const { top, probabilities } = await api.call('predict.photo', { runId: run.id, photo });
    expect(top).toHaveLength(3);
    expect(run.classes[top[0]?.label ?? -1]).toBe('蓝');
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  it('needs no second look at the photos, and gives the same figures', async () => {
    const first = await train(trainer.api, smallConfig(dataset));
    const second = await train(trainer.api, smallConfig(dataset));
    const preparing = ({ events }: { events: TrainEvent[] }): number =>
      events.filter((e) => e.kind === 'progress' && e.stage.stage === 'preparing').length;
    expect(preparing(first)).toBeGreaterThan(0);
    expect(preparing(second)).toBe(0);
    expect(withoutTime(second.run.epochs)).toEqual(withoutTime(first.run.epochs));
  });
});

describe('a finished run', () => {
  it('is exported whole, although only its head is stored, and reported', async () => {
    const { api } = trainer;
    const { run } = await train(api, smallConfig(dataset));
    const format = 'safetensors';
    const { fileName, zip } = await api.call('export.package', { runId: run.id, format });
    expect(fileName).toMatch(/\.zip$/);
    expect(zip.size).toBeGreaterThan(3_300_000 * 4); // the backbone's parameters, f32
    const report = await api.call('export.report', { runId: run.id });
    expect(report).toMatchObject({ files: [fileName], best: { epoch: run.best?.epoch } });
    expect(report.predictions).toHaveLength(12);
    expect(report.timings.exportMs).toBeGreaterThan(0);
  });
});

describe('stopping', () => {
  it('keeps the best epoch', async () => {
    const { api } = trainer;
    const config = smallConfig(dataset, { strategy: 'all', epochs: 50 });
    const { run } = await train(api, config, (event) => {
      if (event.kind === 'epoch') void api.call('train.stop', null);
    });
    expect(run.status).toBe('stopped');
    expect(run.epochs.length).toBeLessThan(5);
    expect(await api.call('runs.evaluation', { id: run.id })).toMatchObject({
      top1: run.best?.valTop1,
    });
  });

  it('leaves nothing before the first epoch', async () => {
    const { api } = trainer;
    const running = train(api, smallConfig(dataset), (event) => {
      if (event.kind === 'started') void api.call('train.stop', null);
    });
    expect(await codeOf(running)).toBe('cancelled');
    expect(await api.call('runs.list', null)).toEqual([]);
  });
});

describe('stopping before anything has happened', () => {
  it('is not too early', async () => {
    const { api } = trainer;
    const running = train(api, smallConfig(dataset, { epochs: 1000 }));
    void api.call('train.stop', null);
    expect(await codeOf(running)).toBe('cancelled');
    expect(await api.call('runs.list', null)).toEqual([]);
  });
});

describe('a run whose tab died', () => {
  it.each(['head', 'all'] as const)('goes on as if nothing had happened: %s', async (strategy) => {
    const config = smallConfig(dataset, { strategy, epochs: 4, augment: 'course', views: 2 });
    const whole = await train(trainer.api, config);
    await trainer.api.call('runs.delete', { id: whole.run.id });

    await new Promise<void>((resolve) => {
      void train(trainer.api, config, (event) => {
        if (event.kind !== 'epoch' || event.metrics.epoch !== 2) return;
        trainer.worker.terminate();
        resolve();
      });
    });
    trainer = startTrainer();
    await trainer.api.call('device.choose', { preference: 'wasm' });
    const [dead] = await trainer.api.call('runs.list', null);
    expect(dead).toMatchObject({ status: 'interrupted' });
    expect(dead?.epochs.length).toBeGreaterThanOrEqual(2);

    const run = await trainer.api.call('train.resume', { runId: dead?.id ?? '' });
    expect(run.status).toBe('finished');
    expect(withoutTime(run.epochs)).toEqual(withoutTime(whole.run.epochs));
  });

  it('begins anew where it had no epoch yet', async () => {
    const config = smallConfig(dataset);
    await new Promise<void>((resolve) => {
      void train(trainer.api, config, (event) => {
        if (event.kind !== 'started') return;
        trainer.worker.terminate();
        resolve();
      });
    });
    trainer = startTrainer();
    await trainer.api.call('device.choose', { preference: 'wasm' });
    const [dead] = await trainer.api.call('runs.list', null);
    const run = await trainer.api.call('train.resume', { runId: dead?.id ?? '' });
    expect(run).toMatchObject({ status: 'finished', id: dead?.id });
    expect(run.epochs).toHaveLength(2);
  });
});

describe('refusals', () => {
  it('says busy to a second run, and to deleting a running one', async () => {
    const { api } = trainer;
    let runId = '';
    const first = train(api, smallConfig(dataset, { strategy: 'all', epochs: 50 }), (event) => {
      if (event.kind === 'started') runId = event.run.id;
    });
    await expect.poll(() => runId).not.toBe('');
    expect(await codeOf(train(api, smallConfig(dataset)))).toBe('busy');
    expect(await codeOf(api.call('runs.delete', { id: runId }))).toBe('busy');
    expect(await codeOf(api.call('device.choose', { preference: 'auto' }))).toBe('busy');
    await api.call('train.stop', null);
    await first.catch(() => undefined);
  });

  it('names what it cannot find or use', async () => {
    const { api } = trainer;
    const config = smallConfig(dataset);
    expect(await codeOf(train(api, { ...config, epochs: 0 }))).toBe('invalid-config');
    expect(await codeOf(train(api, { ...config, datasetId: 'gone' }))).toBe('dataset-not-found');
    expect(await codeOf(train(api, { ...config, backbone: 'resnet18' }))).toBe('weights-missing');
    expect(await codeOf(api.call('train.resume', { runId: 'gone' }))).toBe('run-not-found');
    const photo = new Blob(['text']);
    expect(await codeOf(api.call('predict.photo', { runId: 'gone', photo }))).toBe('run-not-found');
    expect(await api.call('runs.list', null)).toEqual([]);
  });
});

describe('photos that cannot be read', () => {
  it.each(['head', 'all'] as const)('are left out and named once: %s', async (strategy) => {
    const damaged = await storeColours(4, 2, 1);
    const { run, events } = await train(trainer.api, smallConfig(damaged, { strategy }));
    expect(run.status).toBe('finished');
    const notices = events.flatMap((event) => (event.kind === 'notice' ? [event.notice] : []));
    expect(notices).toEqual([{ notice: 'photos-skipped', names: ['train/红/broken0.png'] }]);
  });
});

describe('too little memory', () => {
  it('is said with the batch and the size, and the next run has it back', async () => {
    const { api } = trainer;
    const large = smallConfig(dataset, { strategy: 'scratch', imageSize: 640, batchSize: 24 });
    expect(await codeOf(train(api, large))).toBe('out-of-memory');
    expect(await api.call('device.memory', null)).toMatchObject({ tensors: 0 });
    const { run } = await train(api, smallConfig(dataset));
    expect(run.status).toBe('finished');
    expect(await api.call('runs.list', null)).toEqual([run]);
  });
});

describe('memory', () => {
  it('is after three runs what it was after one', async () => {
    const { api } = trainer;
    const after: unknown[] = [];
    for (const strategy of ['head', 'all', 'head'] as const) {
      await train(api, smallConfig(dataset, { strategy, epochs: 1 }));
      after.push(await api.call('device.memory', null));
    }
    expect(after[1]).toEqual(after[0]);
    expect(after[2]).toEqual(after[0]);
  });
});
