/** A real worker that throws while it starts: the call is rejected with what the browser says. */
import { expect, it } from 'vitest';
import { createWorkerClient } from '../../src/client/worker-client.ts';

interface TestApi {
  anything: { params: null; result: null; event: never };
}

it('rejects a call to a worker that throws', async () => {
  const code = new Blob(['throw new Error("broken at birth")'], { type: 'text/javascript' });
  const url = URL.createObjectURL(code);
  const client = createWorkerClient<TestApi>('real', () => new Worker(url, { type: 'module' }));
  await expect(client.call('anything', null)).rejects.toMatchObject({
    code: 'worker-died',
    params: { worker: 'real', detail: expect.stringContaining('broken at birth') as string },
  });
  URL.revokeObjectURL(url);
});

it('rejects a call to a worker that cannot be loaded', async () => {
  const client = createWorkerClient<TestApi>(
    'missing',
    () => new Worker('/no-such-worker.js', { type: 'module' }),
  );
  await expect(client.call('anything', null)).rejects.toMatchObject({ code: 'worker-died' });
});
