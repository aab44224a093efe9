/**
 * What tuning keeps between starts, by adapter, browser and kernels. A trial is announced here before
 * it runs: a variant may take the GPU's process with it, and then the mark is all that is left.
 */

export interface TuningRecord {
  readonly version: 1;
  /** Shape class → the tile that won it, by name. */
  chosen: Record<string, string>;
  /** The trial under way: still there at the next start if the GPU died of it. */
  trying: string | null; // 'forward/tiled 64x64x16/8x4'
  /** Trials that the GPU died of: never made again. */
  banned: string[];
}

export interface TuningCache {
  load(key: string): Promise<TuningRecord | null>;
  save(key: string, record: TuningRecord): Promise<void>;
}

/** For as long as the process lives. */
export function createMemoryCache(): TuningCache {
  const records = new Map<string, TuningRecord>();
  return {
    load: (key) => Promise.resolve(structuredClone(records.get(key) ?? null)),
    save(key, record) {
      records.set(key, structuredClone(record));
      return Promise.resolve();
    },
  };
}

/** The record of `key`, in which a trial that was never finished is banned. */
export async function openRecord(cache: TuningCache, key: string): Promise<TuningRecord> {
  const found = await cache.load(key);
  if (found?.version !== 1) {
    const fresh: TuningRecord = { version: 1, chosen: {}, trying: null, banned: [] };
    await cache.save(key, fresh); // throws where nothing can be kept
    return fresh;
  }
  if (found.trying === null) return found;
  const banned = [...new Set([...found.banned, found.trying])];
  const record: TuningRecord = { ...found, trying: null, banned };
  await cache.save(key, record);
  return record;
}
