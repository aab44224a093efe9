/** The same runs on WebGPU, here on an emulated GPU: small, and with what only a GPU has to show. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smallConfig, startTrainer, storeColours, train, type TrainerHandle } from './support.ts';

let trainer: TrainerHandle;

beforeAll(async () => {
  trainer = startTrainer();
  await trainer.api.call('device.choose', { preference: 'webgpu' });
});
afterAll(() => trainer.worker.terminate());

it('trains, counts the GPU, and holds no more after three runs than after one', async () => {
  const { api } = trainer;
  const dataset = await storeColours(2, 1);
  const memory: unknown[] = [];
  for (const seed of [1, 2, 3]) {
    const { run, events } = await train(api, smallConfig(dataset, { seed, epochs: 1 }));
    expect(run).toMatchObject({ status: 'finished', device: { backend: 'webgpu' } });
    expect(run.gpu?.dispatchesPerStep).toBe(5); // head, loss, two gradients, optimizer
    expect(run.gpu?.submitsPerStep).toBeGreaterThan(0);
    expect(run.gpu?.peakBytes).toBeGreaterThan(1e5);
    const stages = events.map((event) => event.kind === 'progress' && event.stage.stage);
    expect(stages).toContain('compiling');
    expect(stages).toContain('preparing'); // the features of another seed are not used
    memory.push(await api.call('device.memory', null));
  }
  expect(memory[0]).toMatchObject({ tensors: 0, bytes: 0 });
  expect(memory[1]).toEqual(memory[0]);
  expect(memory[2]).toEqual(memory[0]);
}, 240_000);
