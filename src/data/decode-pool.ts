/**
 * The DataLoader's `num_workers`: photos are handed to the least busy of a few decode workers. One
 * that dies takes down only the photos it had in hand ('worker-died').
 */
import type { Preprocessing } from '../protocol/backbone.ts';
import type { DecodeApi, DecodedPicture } from '../protocol/decode-api.ts';
import type { WorkerLike } from '../protocol/rpc.ts';
import { createWorkerPool } from '../protocol/worker-pool.ts';

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

/** One decodes off the worker's thread while the other is resized on it; more would only eat memory. */
const inHand = 2;

export function createDecodePool(spawn: () => WorkerLike, size: number): DecodePool {
  const pool = createWorkerPool<DecodeApi>({ name: 'decode', spawn, size, inHand });
  return {
    decode(name, bytes, shorterSide, { interpolation = 'bilinear', signal } = {}) {
      const params = { name, bytes, shorterSide, interpolation };
      return pool.call('decode', { request: () => ({ params }), signal });
    },
    close: () => pool.close(),
  };
}
