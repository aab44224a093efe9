/** A worker that dies: nothing hangs, and the next call gets a fresh one. */
import { expect, it } from 'vitest';
import { createWorkerClient, type WorkerClient } from '../../src/client/worker-client.ts';
import type { AppError } from '../../src/protocol/errors.ts';
import { createFakeServingWorker, type FakeServingWorker } from '../support/fake-serving-worker.ts';

interface TestApi {
  which: { params: null; result: number; event: never };
  wait: { params: null; result: null; event: never };
}

function setUp(): { client: WorkerClient<TestApi>; workers: FakeServingWorker[] } {
  const workers: FakeServingWorker[] = [];
  const client = createWorkerClient<TestApi>('test', () => {
    const number = workers.length + 1;
    const worker = createFakeServingWorker<TestApi>({
      which: () => number,
      wait: () => new Promise(() => undefined),
    });
    workers.push(worker);
    return worker;
  });
  return { client, workers };
}

it('spawns its worker at the first call, and only one', async () => {
  const { client, workers } = setUp();
  expect(workers.length).toBe(0);
  expect(await client.call('which', null)).toBe(1);
  expect(await client.call('which', null)).toBe(1);
  expect(workers.length).toBe(1);
});

it('rejects what is pending when the worker dies, and goes on with a fresh one', async () => {
  const { client, workers } = setUp();
  const deaths: AppError[] = [];
  client.onDeath((error) => deaths.push(error));
  const waiting = client.call('wait', null);
  expect(client.pending).toBe(1);
  workers[0]?.crash('out of memory');
  await expect(waiting).rejects.toMatchObject({
    code: 'worker-died',
    params: { worker: 'test', detail: 'out of memory' },
  });
  expect(workers[0]?.terminated).toBe(true);
  expect(client.pending).toBe(0);
  expect(deaths.map(({ code }) => code)).toEqual(['worker-died']);
  expect(await client.call('which', null)).toBe(2);
});

it('hears nothing more from a worker that is gone', async () => {
  const { client, workers } = setUp();
  await client.call('which', null);
  workers[0]?.crash('first');
  expect(await client.call('which', null)).toBe(2);
  workers[0]?.crash('late');
  expect(await client.call('which', null)).toBe(2);
});

it('stops telling a listener that was taken off', async () => {
  const { client, workers } = setUp();
  let told = 0;
  const stop = client.onDeath(() => told++);
  await client.call('which', null);
  stop();
  workers[0]?.crash('');
  expect(told).toBe(0);
});
