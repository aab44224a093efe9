/** The import worker: fills IndexedDB, and lets the page look into it. */
import type { ImportApi } from '../protocol/import-api.ts';
import { serve } from '../protocol/rpc.ts';
import { deleteDataset, getSamples, listDatasets, removeUnfinished } from '../storage/datasets.ts';
import { openPacks, type PackReader } from '../storage/packs.ts';
import { storageEstimate } from '../storage/quota.ts';
import { importDataset, setEncoding } from './import-job.ts';

declare const self: DedicatedWorkerGlobalScope;

/** What an earlier visit left half-done goes first; a failure here shows again at the first use. */
const cleaned = removeUnfinished().catch(() => undefined);
const readers = new Map<string, Promise<PackReader>>();

serve<ImportApi>(self, {
  'datasets.import': async (params, context) => {
    await cleaned;
    return importDataset(params, context);
  },
  'datasets.list': async () => {
    await cleaned;
    return listDatasets();
  },
  'datasets.delete': async ({ id }) => {
    readers.delete(id);
    await deleteDataset(id);
    return null;
  },
  'datasets.setEncoding': ({ id, encoding }) => setEncoding(id, encoding),
  'datasets.samples': ({ id }) => getSamples(id),
  'datasets.photos': async ({ id, ids }) => (await reader(id)).photos(ids),
  'storage.estimate': () => storageEstimate(),
});

function reader(id: string): Promise<PackReader> {
  let opened = readers.get(id);
  if (!opened) {
    opened = openPacks(id);
    readers.set(id, opened);
    opened.catch(() => readers.delete(id));
  }
  return opened;
}
