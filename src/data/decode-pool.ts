/**
 * The DataLoader's `num_workers`: photos are handed to the least busy of a few decode workers,
 * first come, first served. A worker that dies takes down only the photos it had in hand
 * ('worker-died'); its place is filled when there is work again.
 */
import type { Preprocessing } from '../protocol/backbone.ts';
import type { DecodeApi, DecodedPicture, DecodeParams } from '../protocol/decode-api.ts';
import { AppError } from '../protocol/errors.ts';
import { createCaller, type Caller, type Endpoint } from '../protocol/rpc.ts';

/** What the pool needs of a `Worker`. */
export interface DecodeWorker extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: 'messageerror', listener: () => void): void;
  terminate(): void;
}

export interface DecodeOptions {
  interpolation?: Preprocessing['interpolation']; // bilinear unless said
  signal?: AbortSignal; // a photo that waits is dropped; one in hand is finished
}

export interface DecodePool {
  decode(
    name: string,
    bytes: Blob,
    shorterSide: number,
    options?: DecodeOptions,
  ): Promise<DecodedPicture>;
  /** Ends the workers; what is pending is rejected as cancelled. */
  close(): void;
}

interface Slot {
  worker: DecodeWorker;
  caller: Caller<DecodeApi>;
}

interface Job {
  params: DecodeParams;
  signal: AbortSignal | undefined;
  resolve(picture: DecodedPicture): void;
  reject(error: unknown): void;
}

/** One decodes off the worker's thread while the other is resized on it; more would only eat memory. */
const inHand = 2;

export function createDecodePool(spawn: () => DecodeWorker, size: number): DecodePool {
  const slots: (Slot | null)[] = Array.from({ length: Math.max(1, size) }, () => null);
  const queue: Job[] = [];
  let closed = false;

  const start = (place: number): Slot => {
    const worker = spawn();
    const slot: Slot = { worker, caller: createCaller<DecodeApi>(worker) };
    const die = (detail: string) => {
      if (slots[place] !== slot) return;
      slots[place] = null;
      worker.terminate();
      slot.caller.fail(new AppError('worker-died', { worker: 'decode', detail }));
    };
    worker.addEventListener('error', (event) => die(event.message || 'error'));
    worker.addEventListener('messageerror', () => die('messageerror'));
    slots[place] = slot;
    return slot;
  };

  const leastBusy = (): Slot | null => {
    const busy = slots.map((slot) => slot?.caller.pending ?? 0);
    const least = Math.min(...busy);
    if (least >= inHand) return null;
    const place = busy.indexOf(least);
    return slots[place] ?? start(place);
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
      let slot: Slot | null;
      try {
        slot = leastBusy();
      } catch (error) {
        queue.shift();
        job.reject(new AppError('worker-died', { worker: 'decode', detail: String(error) }));
        continue;
      }
      if (!slot) return;
      queue.shift();
      slot.caller.call('decode', job.params).then(job.resolve, job.reject).finally(pump);
    }
  };

  return {
    decode(name, bytes, shorterSide, { interpolation = 'bilinear', signal } = {}) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new AppError('cancelled', {}));
        const params = { name, bytes, shorterSide, interpolation };
        queue.push({ params, signal, resolve, reject });
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
