/**
 * Datasets on the disk. An import marks itself first, writes its packs, and puts manifest, entry
 * table, samples and index down in one transaction at the end: until then there is no dataset, and
 * what a closed tab left behind is found by its mark and removed at the next start.
 */
import { entries, get, set } from 'idb-keyval';
import type { Dataset, Sample } from '../protocol/dataset.ts';
import type { EntryTable } from '../protocol/entry-table.ts';
import { AppError } from '../protocol/errors.ts';
import { keysOf, store, transaction } from './database.ts';
import type { PackIndex } from './packs.ts';

type DatasetRecord =
  { state: 'importing'; startedAt: number } | { state: 'ready'; dataset: Dataset };

/** Newest first. */
export async function listDatasets(): Promise<Dataset[]> {
  const all = await entries<string, DatasetRecord>(store('datasets'));
  return all
    .flatMap(([, record]) => (record.state === 'ready' ? [record.dataset] : []))
    .sort((a, b) => b.createdAt - a.createdAt);
}

export async function getDataset(id: string): Promise<Dataset> {
  const record = await get<DatasetRecord>(id, store('datasets'));
  if (record?.state !== 'ready') throw new AppError('dataset-not-found', { id });
  return record.dataset;
}

/** In the order of their ids. */
export async function getSamples(id: string): Promise<Sample[]> {
  const samples = await get<Sample[]>([id, 'samples'], store('entries'));
  if (!samples) throw new AppError('dataset-not-found', { id });
  return samples;
}

export async function getEntryTable(id: string): Promise<EntryTable> {
  const table = await get<EntryTable>([id, 'table'], store('entries'));
  if (!table) throw new AppError('dataset-not-found', { id });
  return table;
}

async function markImporting(id: string): Promise<void> {
  const record: DatasetRecord = { state: 'importing', startedAt: Date.now() };
  await set(id, record, store('datasets'));
}

/** The last step of an import. */
export async function saveDataset(
  dataset: Dataset,
  samples: readonly Sample[],
  table: EntryTable,
  index: PackIndex,
): Promise<void> {
  await transaction(['datasets', 'entries', 'packs'], (objectStore) => {
    objectStore('packs').put(index, [dataset.id, 'index']);
    objectStore('entries').put(table, [dataset.id, 'table']);
    objectStore('entries').put(samples, [dataset.id, 'samples']);
    putManifest(objectStore('datasets'), dataset);
  });
}

/** The same photos, understood anew. */
export async function replaceDataset(dataset: Dataset, samples: readonly Sample[]): Promise<void> {
  await transaction(['datasets', 'entries'], (objectStore) => {
    objectStore('entries').put(samples, [dataset.id, 'samples']);
    putManifest(objectStore('datasets'), dataset);
  });
}

export async function deleteDataset(id: string): Promise<void> {
  await transaction(['datasets', 'entries', 'packs'], (objectStore) => {
    objectStore('datasets').delete(id);
    objectStore('entries').delete(keysOf(id));
    objectStore('packs').delete(keysOf(id));
  });
}

/**
 * Runs `work` as the import of `id`: whatever way it ends, failed or closed with its tab, nothing
 * half-written stays. The lock tells `removeUnfinished` in another tab that this one is alive.
 */
export async function importing<T>(id: string, work: () => Promise<T>): Promise<T> {
  const run = async (): Promise<T> => {
    try {
      await markImporting(id);
      return await work();
    } catch (error) {
      // Where even that fails, the mark stays and the next start tries again.
      await deleteDataset(id).catch(() => undefined);
      throw error;
    }
  };
  const locks = lockManager();
  return locks ? locks.request(lockName(id), run) : run();
}

/** Clears away the imports that ended with their tab. */
export async function removeUnfinished(): Promise<void> {
  const all = await entries<string, DatasetRecord>(store('datasets'));
  for (const [id, record] of all) {
    if (record.state !== 'importing') continue;
    const remove = async (): Promise<void> => {
      // Looked up again under the lock: the import may have ended well in the meantime.
      const now = await get<DatasetRecord>(id, store('datasets'));
      if (now?.state === 'importing') await deleteDataset(id);
    };
    const locks = lockManager();
    if (!locks) await remove();
    else {
      await locks.request(lockName(id), { ifAvailable: true }, (lock) => lock && remove());
    }
  }
}

/** Web Locks exist in secure contexts only. */
function lockManager(): LockManager | undefined {
  return navigator.locks;
}

function lockName(id: string): string {
  return `graft-import-${id}`;
}

function putManifest(datasets: IDBObjectStore, dataset: Dataset): void {
  const record: DatasetRecord = { state: 'ready', dataset };
  datasets.put(record, dataset.id);
}
