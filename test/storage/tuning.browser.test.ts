import { expect, it } from 'vitest';
import type { TuningRecord } from '../../src/model/gpu/tuning-cache.ts';
import { tuningCache } from '../../src/storage/tuning.ts';

it('keeps a record a key', async () => {
  const record: TuningRecord = {
    version: 1,
    chosen: { 'forward/k3s1/r6c6d5': 'tiled 64x64x16/8x4' },
    trying: 'forward/direct 4x2',
    banned: [],
  };
  await tuningCache.save('an adapter', record);
  await tuningCache.save('another', { ...record, trying: null });
  expect(await tuningCache.load('an adapter')).toEqual(record);
  expect(await tuningCache.load('a third')).toBeNull();
});
