/**
 * torch.utils.data.DataLoader's part of the work: shuffle, batch, decode ahead of need. Pictures
 * come in the order asked for whatever order the workers finish in; one that cannot be decoded is
 * left out (and the next one moves up), reported once and not tried again.
 */
import type { Preprocessing } from '../protocol/backbone.ts';
import type { Sample } from '../protocol/dataset.ts';
import { AppError } from '../protocol/errors.ts';
import type { Random } from '../util/random.ts';
import type { DecodePool } from './decode-pool.ts';

/** Where the bytes are; storage gives it, the job wires it. */
export interface LoaderSource {
  photo(id: number): Promise<Blob>;
}

/** Shared with the cache: read, never written. */
export interface Picture {
  id: number;
  label: number;
  width: number;
  height: number;
  data: Uint8Array; // RGB, [height, width, 3]; the shorter side is the loader's `resize`
}

export interface EpochOptions {
  samples: readonly Sample[];
  batchSize: number;
  shuffle?: Random;
  dropLast?: boolean;
  signal?: AbortSignal;
}

export interface DataLoader {
  epoch(options: EpochOptions): AsyncIterable<Picture[]>;
  /** Forgets the cache; the pool is its maker's to close. */
  close(): void;
}

export interface DataLoaderOptions {
  source: LoaderSource;
  pool: DecodePool;
  resize: number;
  interpolation: Preprocessing['interpolation'];
  cacheBytes: number; // decoded pictures are kept until these are full; none is put out again
  onSkipped(sample: Sample, error: AppError): void;
}

/** Batches decoded or being decoded beyond the one that is being used. */
const prefetch = 2;

type Loaded = Omit<Picture, 'label'>;

export function createDataLoader(options: DataLoaderOptions): DataLoader {
  const { source, pool, resize, interpolation, cacheBytes, onSkipped } = options;
  const cache = new Map<number, Loaded>();
  const bad = new Set<number>();
  let cachedBytes = 0;

  const decode = async (sample: Sample, signal: AbortSignal): Promise<Loaded> => {
    if (signal.aborted) throw new AppError('cancelled', {});
    const bytes = await source.photo(sample.id);
    const attempt = () => pool.decode(sample.path, bytes, resize, { interpolation, signal });
    const { width, height, data } = await attempt().catch((error: unknown) => {
      // another photo may have been the worker's end: once more, in a new one
      if (error instanceof AppError && error.code === 'worker-died') return attempt();
      throw error;
    });
    return { id: sample.id, width, height, data };
  };

  /** null: not decodable. */
  const load = async (sample: Sample, signal: AbortSignal): Promise<Picture | null> => {
    const cached = cache.get(sample.id);
    if (cached) return { ...cached, label: sample.label };
    if (bad.has(sample.id)) return null;
    try {
      const loaded = await decode(sample, signal);
      if (!cache.has(sample.id) && cachedBytes + loaded.data.byteLength <= cacheBytes) {
        cache.set(sample.id, loaded);
        cachedBytes += loaded.data.byteLength;
      }
      return { ...loaded, label: sample.label };
    } catch (error) {
      if (!isUndecodable(error)) throw error;
      if (!bad.has(sample.id)) onSkipped(sample, error);
      bad.add(sample.id);
      return null;
    }
  };

  return {
    async *epoch({ samples, batchSize, shuffle, dropLast = false, signal }) {
      const order = shuffle ? shuffle.shuffle(samples) : samples;
      const ended = new AbortController();
      const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
      const ahead: Promise<Picture | null>[] = [];
      let next = 0;
      const fill = () => {
        while (ahead.length < batchSize * prefetch && next < order.length) {
          const loading = load(order[next++] as Sample, stop);
          loading.catch(() => undefined); // thrown where it is awaited, if it still is by then
          ahead.push(loading);
        }
      };

      try {
        let batch: Picture[] = [];
        for (fill(); ahead.length > 0; fill()) {
          const picture = await ahead.shift();
          if (stop.aborted) throw new AppError('cancelled', {});
          if (picture) batch.push(picture);
          if (batch.length === batchSize) {
            fill(); // so that workers go on while the caller uses this one
            yield batch;
            batch = [];
          }
        }
        if (batch.length > 0 && !dropLast) yield batch;
      } finally {
        ended.abort();
      }
    },
    close() {
      cache.clear();
      cachedBytes = 0;
    },
  };
}

function isUndecodable(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    (error.code === 'decode-failed' ||
      error.code === 'image-too-large' ||
      error.code === 'not-an-image')
  );
}
