/** A profile of the smallest step there is, as the page asks for it; times here mean nothing. */
import { afterEach, expect, it } from 'vitest';
import { hostShare, totalOf, type ProfileTask } from '../../src/protocol/profile.ts';
import { codeOf, smallConfig, startTrainer, storeColours, type TrainerHandle } from './support.ts';

const task: ProfileTask = { backbone: 'resnet18', imageSize: 32, batchSize: 2, classes: 3 };

let trainer: TrainerHandle;

async function open(preference: 'webgpu' | 'wasm'): Promise<TrainerHandle['api']> {
  trainer = startTrainer();
  await trainer.api.call('device.choose', { preference });
  return trainer.api;
}

afterEach(() => trainer.worker.terminate());

it('times every dispatch of a step, counts the step, and leaves nothing behind', async () => {
  const api = await open('webgpu');
  const before = await api.call('device.memory', null);
  const profile = await api.call('train.profile', task);
  expect(await api.call('device.memory', null)).toEqual(before);
  expect(profile).toMatchObject({ task, device: { backend: 'webgpu' } });
  const { rows, step, peak } = profile;
  expect(profile.timing.by).toBe('timestamps'); // SwiftShader has them
  expect(peak.gflops).toBeGreaterThan(0.1);
  expect(peak.gbps).toBeGreaterThan(0.1);

  const total = totalOf(rows);
  expect(total.dispatches).toBe(step.dispatches);
  expect(total.gpuMs).toBeGreaterThan(0);
  expect(rows.every(({ gpuMs }) => Number.isFinite(gpuMs) && gpuMs >= 0)).toBe(true);
  expect(new Set(rows.map(({ node, op }) => `${node} ${op}`)).size).toBe(rows.length);
  const stem = rows.find(({ node, op }) => node === 'conv1' && op === 'conv2d/forward');
  expect(stem).toMatchObject({ dispatches: 1, flops: 2 * 2 * 16 * 16 * 49 * 3 * 64 });

  expect(step).toMatchObject({ submits: 1, buffers: 0, bindGroups: 0, readBacks: 0 });
  expect(step.batchBytes).toBe(2 * 32 * 32 * 4 * 4 + 2 * 4);
  expect(step.uploadBytes).toBeLessThan(4096);
  expect(step.peakBytes).toBeGreaterThanOrEqual(step.forecastBytes);
  expect(step.peakBytes).toBeLessThan(1.2 * step.forecastBytes);
  expect(hostShare(step)).toBeGreaterThan(0);
  expect(hostShare(step)).toBeLessThan(1);
}, 240_000);

it('is refused while a run is going', async () => {
  const api = await open('wasm');
  const dataset = await storeColours(2, 1);
  const run = api.call('train.start', { config: smallConfig(dataset, { epochs: 1 }) });
  expect(await codeOf(api.call('train.profile', task))).toBe('busy');
  await run;
});

it('is refused on WASM, and for a task that no run could have', async () => {
  const api = await open('wasm');
  expect(await codeOf(api.call('train.profile', task))).toBe('profile-needs-webgpu');
  expect(await codeOf(api.call('train.profile', { ...task, batchSize: 1 }))).toBe('invalid-config');
  expect(await codeOf(api.call('train.profile', { ...task, classes: 1 }))).toBe('invalid-config');
});
