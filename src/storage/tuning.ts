/** What tuning found on this device, kept in the browser: lost with it at no cost but time. */
import { get, set } from 'idb-keyval';
import type { TuningCache, TuningRecord } from '../model/gpu/tuning-cache.ts';
import { store } from './database.ts';

export const tuningCache: TuningCache = {
  async load(key) {
    return (await get<TuningRecord>(['tuning', key], store('caches'))) ?? null;
  },
  save: (key, record) => set(['tuning', key], record, store('caches')),
};
