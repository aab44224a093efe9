import { describe, expect, it } from 'vitest';
import { createDecodePool } from '../../src/data/decode-pool.ts';
import { FakeWorker } from '../support/fake-worker.ts';

function poolOf(size: number) {
  const workers: FakeWorker[] = [];
  const pool = createDecodePool(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  }, size);
  const decode = (name: string, signal?: AbortSignal) =>
    pool.decode(name, new Blob(), 256, signal ? { signal } : {});
  /** Names each worker was sent, in order. */
  const sent = () =>
    workers.map(({ posted }) => posted.map(({ params }) => (params as { name: string }).name));
  return { pool, workers, decode, sent };
}

const picture = (value: number) => ({ width: 1, height: 1, data: Uint8Array.of(value, 0, 0) });
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('createDecodePool', () => {
  it('starts no worker before there is work', () => {
    expect(poolOf(3).workers).toEqual([]);
  });

  it('gives work to the least busy, two photos a worker at most, the rest in order', async () => {
    const { decode, workers, sent } = poolOf(2);
    const results = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => decode(name));
    expect(sent()).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
    workers[1]?.answer(2, picture(4));
    expect(await results[3]).toEqual(picture(4));
    await settled();
    expect(sent()).toEqual([
      ['a', 'c'],
      ['b', 'd', 'e'],
    ]);
  });

  it('passes the size and the interpolation on, bilinear unless said', () => {
    const { pool, workers } = poolOf(1);
    void pool.decode('a', new Blob(), 73);
    void pool.decode('b', new Blob(), 73, { interpolation: 'bicubic' });
    expect(workers[0]?.posted.map(({ params }) => params)).toMatchObject([
      { name: 'a', shorterSide: 73, interpolation: 'bilinear' },
      { name: 'b', shorterSide: 73, interpolation: 'bicubic' },
    ]);
  });

  it.each(['error', 'messageerror'] as const)(
    'on %s rejects what that worker had in hand and goes on in a new one',
    async (type) => {
      const { decode, workers, sent } = poolOf(2);
      const results = ['a', 'b', 'c', 'd', 'e'].map((name) => decode(name));
      workers[0]?.emit(type, { message: 'out of memory' });
      const error = { code: 'worker-died', params: { worker: 'decode' } };
      await expect(results[0]).rejects.toMatchObject(error);
      await expect(results[2]).rejects.toMatchObject(error);
      await settled();
      expect(workers[0]?.terminated).toBe(true);
      expect(sent()).toEqual([['a', 'c'], ['b', 'd'], ['e']]);
      workers[2]?.answer(1, picture(5));
      workers[1]?.answer(1, picture(2));
      workers[1]?.answer(2, picture(3));
      expect(await Promise.all([results[1], results[3], results[4]])).toEqual([
        picture(2),
        picture(3),
        picture(5),
      ]);
    },
  );

  it('does not start workers over and over when none survives', async () => {
    const { decode, workers } = poolOf(2);
    const result = decode('a');
    workers[0]?.emit('error', { message: 'no such file' });
    await expect(result).rejects.toMatchObject({ code: 'worker-died' });
    await settled();
    expect(workers.length).toBe(1);
  });

  it('rejects and not throws when a worker cannot be made', async () => {
    const pool = createDecodePool(() => {
      throw new Error('blocked');
    }, 1);
    await expect(pool.decode('a', new Blob(), 256)).rejects.toMatchObject({ code: 'worker-died' });
  });

  it('hands on the error of a photo, and the worker lives', async () => {
    const { decode, workers } = poolOf(1);
    const results = [decode('a'), decode('b'), decode('c')];
    workers[0]?.refuse(1, { code: 'decode-failed', params: { name: 'a', detail: 'x' } });
    await expect(results[0]).rejects.toMatchObject({ code: 'decode-failed' });
    await settled();
    expect(workers[0]?.posted.length).toBe(3);
  });

  it('drops what waits when its signal is aborted', async () => {
    const { decode, workers, sent } = poolOf(1);
    const controller = new AbortController();
    const results = ['a', 'b', 'c', 'd'].map((name) =>
      decode(name, name === 'c' ? controller.signal : undefined),
    );
    controller.abort();
    workers[0]?.answer(1, picture(1));
    await expect(results[2]).rejects.toMatchObject({ code: 'cancelled' });
    await settled();
    expect(sent()).toEqual([['a', 'b', 'd']]);
  });

  it('close ends workers and rejects all that is pending and comes later', async () => {
    const { pool, decode, workers } = poolOf(1);
    const results = ['a', 'b', 'c'].map((name) => decode(name));
    pool.close();
    for (const result of results) await expect(result).rejects.toMatchObject({ code: 'cancelled' });
    await expect(decode('d')).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers.map(({ terminated }) => terminated)).toEqual([true]);
  });
});
