/**
 * Calls spread over a few workers of one kind: each goes to the least busy, first come, first
 * served. A worker is started when there is work for it; one that dies takes down only the calls it
 * had in hand ('worker-died'), and its place is filled when there is work again.
 */
import { AppError } from './errors.ts';
import { createCaller, workerErrorText, type Api, type Caller, type WorkerLike } from './rpc.ts';

export interface WorkerPoolOptions<A extends Api<A>> {
  name: string; // in 'worker-died'
  spawn: () => WorkerLike;
  size: number;
  inHand: number; // calls that a worker is given at a time
  /** What a new worker is told before its first call; where that fails, so does the call. */
  prepare?: (caller: Caller<A>) => Promise<unknown>;
}

export interface PoolCall<P> {
  /** Asked when the call is sent, so that what waits holds no copy of what it will move. */
  request: () => { params: P; transfer?: Transferable[] };
  /** A call that waits is dropped; one that was sent is finished. */
  signal?: AbortSignal | undefined;
}

export interface WorkerPool<A extends Api<A>> {
  call<M extends keyof A & string>(
    method: M,
    call: PoolCall<A[M]['params']>,
  ): Promise<A[M]['result']>;
  /** Ends the workers; what is pending is rejected as cancelled. */
  close(): void;
}

interface Slot<A extends Api<A>> {
  worker: WorkerLike;
  caller: Caller<A>;
  ready: Promise<unknown> | null; // null: at once
  busy: number; // calls in hand
}

interface Job<A extends Api<A>> {
  signal: AbortSignal | undefined;
  send(caller: Caller<A>): Promise<unknown>;
  resolve(result: never): void;
  reject(error: unknown): void;
}

export function createWorkerPool<A extends Api<A>>(options: WorkerPoolOptions<A>): WorkerPool<A> {
  const { name, spawn, size, inHand, prepare } = options;
  const slots: (Slot<A> | null)[] = Array.from({ length: Math.max(1, size) }, () => null);
  const queue: Job<A>[] = [];
  let closed = false;

  const start = (place: number): Slot<A> => {
    const worker = spawn();
    const slot: Slot<A> = { worker, caller: createCaller<A>(worker), ready: null, busy: 0 };
    const end = (error: AppError) => {
      if (slots[place] !== slot) return;
      slots[place] = null;
      worker.terminate();
      slot.caller.fail(error);
    };
    const die = (detail: string) => end(new AppError('worker-died', { worker: name, detail }));
    worker.addEventListener('error', (event) => die(workerErrorText(event) || 'error'));
    worker.addEventListener('messageerror', () => die('messageerror'));
    slots[place] = slot;
    if (prepare) {
      slot.ready = prepare(slot.caller);
      slot.ready.catch((error: AppError) => end(error)); // calls in hand fail with it by themselves
    }
    return slot;
  };

  const leastBusy = (): Slot<A> | null => {
    const busy = slots.map((slot) => slot?.busy ?? 0);
    const least = Math.min(...busy);
    if (least >= inHand) return null;
    const place = busy.indexOf(least);
    return slots[place] ?? start(place);
  };

  const send = (job: Job<A>, slot: Slot<A>): void => {
    const { ready, caller } = slot;
    slot.busy++;
    const sent = ready ? ready.then(() => job.send(caller)) : job.send(caller);
    void sent.then(job.resolve as (result: unknown) => void, job.reject).finally(() => {
      slot.busy--;
      pump();
    });
  };

  const pump = (): void => {
    for (;;) {
      const job = queue[0];
      if (!job || closed) return;
      if (job.signal?.aborted) {
        queue.shift();
        job.reject(new AppError('cancelled', {}));
        continue;
      }
      let slot: Slot<A> | null;
      try {
        slot = leastBusy();
      } catch (error) {
        queue.shift();
        job.reject(new AppError('worker-died', { worker: name, detail: String(error) }));
        continue;
      }
      if (!slot) return;
      queue.shift();
      send(job, slot);
    }
  };

  return {
    call(method, { request, signal }) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new AppError('cancelled', {}));
        const post = (caller: Caller<A>) => {
          const { params, transfer = [] } = request();
          return caller.call(method, params, { transfer });
        };
        queue.push({ signal, send: post, resolve, reject });
        pump();
      });
    },
    close() {
      closed = true;
      const cancelled = new AppError('cancelled', {});
      for (const job of queue.splice(0)) job.reject(cancelled);
      for (const slot of slots.splice(0)) {
        slot?.worker.terminate();
        slot?.caller.fail(cancelled);
      }
    },
  };
}
