/** The typed protocol over a bare MessageChannel: results, errors, events, cancel, death, transfer. */
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import {
  createCaller,
  protocolVersion,
  serve,
  type Caller,
  type Handlers,
} from '../../src/protocol/rpc.ts';

interface TestApi {
  double: { params: { value: number }; result: number; event: never };
  count: { params: { to: number }; result: null; event: number };
  fail: { params: null; result: null; event: never };
  surprise: { params: null; result: null; event: never };
  wait: { params: null; result: null; event: never };
  picture: { params: null; result: Uint8Array; event: never };
}

const sent = { buffer: new ArrayBuffer(0) };

const handlers: Handlers<TestApi> = {
  double: ({ value }) => value * 2,
  count: async ({ to }, { emit }) => {
    for (let i = 1; i <= to; i++) emit(i);
    return null;
  },
  fail: () => {
    throw new AppError('not-a-zip', { name: 'a.txt' });
  },
  surprise: () => {
    throw new TypeError('x is not a function');
  },
  wait: (_params, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  picture: (_params, { transfer }) => {
    const data = new Uint8Array([1, 2, 3]);
    sent.buffer = data.buffer;
    transfer(data.buffer);
    return data;
  },
};

const ports: MessagePort[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

function connect(): { caller: Caller<TestApi>; port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve<TestApi>(port2, handlers);
  const caller = createCaller<TestApi>(port1);
  port1.start();
  port2.start();
  return { caller, port: port1 };
}

describe('a call', () => {
  it('comes back with its result, each its own', async () => {
    const { caller } = connect();
    const results = await Promise.all([1, 2, 3].map((value) => caller.call('double', { value })));
    expect(results).toEqual([2, 4, 6]);
    expect(caller.pending).toBe(0);
    expectTypeOf(results).toEqualTypeOf<number[]>();
  });

  it('gets its events in order, before its result, and nobody else gets them', async () => {
    const { caller } = connect();
    const first: number[] = [];
    const second: number[] = [];
    await Promise.all([
      caller.call('count', { to: 3 }, { onEvent: (n) => first.push(n) }),
      caller.call('count', { to: 2 }, { onEvent: (n) => second.push(n) }),
    ]);
    expect(first).toEqual([1, 2, 3]);
    expect(second).toEqual([1, 2]);
  });

  it('is refused by the compiler with the wrong parameters', () => {
    const { caller } = connect();
    // @ts-expect-error -- a number is wanted
    void caller.call('double', { value: '2' }).catch(() => undefined);
    // @ts-expect-error -- there is no such method
    void caller.call('treble', { value: 2 }).catch(() => undefined);
  });

  it('moves buffers instead of copying them', async () => {
    const { caller } = connect();
    expect([...(await caller.call('picture', null))]).toEqual([1, 2, 3]);
    expect(sent.buffer.byteLength).toBe(0);
  });
});

describe('an error', () => {
  it('crosses as its code and parameters', async () => {
    const { caller } = connect();
    await expect(caller.call('fail', null)).rejects.toMatchObject({
      name: 'AppError',
      code: 'not-a-zip',
      params: { name: 'a.txt' },
    });
  });

  it('that nobody foresaw becomes internal, with its text', async () => {
    const { caller } = connect();
    await expect(caller.call('surprise', null)).rejects.toMatchObject({
      code: 'internal',
      params: { detail: 'TypeError: x is not a function' },
    });
  });

  it('tells of an unknown method and of another version', async () => {
    const { caller, port } = connect();
    // what an older page might send
    const unknown = caller as unknown as Caller<{ gone: TestApi['fail'] }>;
    await expect(unknown.call('gone', null)).rejects.toMatchObject({ code: 'internal' });
    const answer = new Promise((resolve) =>
      port.addEventListener('message', ({ data }) => resolve(data), { once: true }),
    );
    port.postMessage({ version: 99, kind: 'request', id: 7, method: 'double', params: {} });
    expect(await answer).toMatchObject({
      kind: 'error',
      id: 7,
      error: { code: 'protocol-mismatch', params: { expected: protocolVersion, found: '99' } },
    });
  });

  it('of a message that cannot be cloned rejects that call alone', async () => {
    const { caller } = connect();
    const value = (() => 1) as unknown as number;
    await expect(caller.call('double', { value })).rejects.toMatchObject({ code: 'internal' });
    expect(caller.pending).toBe(0);
    expect(await caller.call('double', { value: 4 })).toBe(8);
  });
});

describe('cancel', () => {
  it('reaches the handler as its signal', async () => {
    const { caller } = connect();
    const controller = new AbortController();
    const waiting = caller.call('wait', null, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(caller.pending).toBe(0);
  });

  it('before the call sends nothing', async () => {
    const { caller } = connect();
    const signal = AbortSignal.abort();
    await expect(caller.call('wait', null, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('death', () => {
  it('rejects all that is pending and all that comes later', async () => {
    const { caller } = connect();
    const waiting = [caller.call('wait', null), caller.call('wait', null)];
    caller.fail(new AppError('worker-died', { worker: 'test', detail: '' }));
    const outcomes = await Promise.allSettled([...waiting, caller.call('double', { value: 1 })]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(caller.pending).toBe(0);
  });
});
