/**
 * The one IndexedDB database of the app and its stores, for idb-keyval.
 *
 * idb-keyval's own `createStore` makes one object store a database and fails when called twice on
 * the same one; here all stores stand in one database, so that records that belong together change
 * in one transaction. `store(name)` is what idb-keyval's functions take as their last argument.
 */
import type { UseStore } from 'idb-keyval';
import { AppError } from '../protocol/errors.ts';

export const storeNames = [
  'datasets', // id → manifest, or the mark of an import under way
  'entries', // [id, 'table'] → EntryTable, [id, 'samples'] → Sample[]
  'packs', // [id, n] → Blob of up to 256 photos, [id, 'index'] → where each photo lies
  'runs',
  'evaluations',
  'checkpoints',
  'backbones',
  'caches',
] as const;
export type StoreName = (typeof storeNames)[number];

const databaseName = 'graft';
const schemaVersion = 1;

/** `strict`: resolved only when the bytes are on the disk (checkpoints), not in its cache. */
type Durability = 'relaxed' | 'strict';

let opened: Promise<IDBDatabase> | null = null;

/** A store as idb-keyval's functions want it; failures come as `AppError` where a code exists. */
export function store(name: StoreName, durability: Durability = 'relaxed'): UseStore {
  return async (mode, callback) => {
    const { tx, failure } = await begin([name], mode, durability);
    try {
      return await callback(tx.objectStore(name));
    } catch (error) {
      throw storageError(error ?? failure());
    }
  };
}

/** Several stores in one transaction: all of `write` is done, or none of it. */
export async function transaction(
  names: readonly StoreName[],
  write: (objectStore: (name: StoreName) => IDBObjectStore) => void,
  durability: Durability = 'relaxed',
): Promise<void> {
  const { tx, failure } = await begin(names, 'readwrite', durability);
  await new Promise<void>((resolve, reject) => {
    tx.addEventListener('complete', () => resolve());
    tx.addEventListener('abort', () => reject(storageError(failure())));
    try {
      write((name) => tx.objectStore(name));
    } catch (error) {
      tx.abort();
      reject(storageError(error));
    }
  });
}

/** All keys `[id, …]` of a store: an array sorts after every string, number and date. */
export function keysOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

async function begin(
  names: readonly StoreName[],
  mode: IDBTransactionMode,
  durability: Durability,
): Promise<{ tx: IDBTransaction; failure: () => unknown }> {
  let tx: IDBTransaction;
  try {
    tx = (await open()).transaction(names, mode, { durability });
  } catch (error) {
    // The browser may close a connection by itself (storage cleared, a crashed process): once more.
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
    opened = null;
    tx = (await open()).transaction(names, mode, { durability });
  }
  // A request's error reaches idb-keyval before `transaction.error` is set: keep it from the event.
  let failed: unknown = null;
  tx.addEventListener('error', ({ target }) => {
    if (target instanceof IDBRequest) failed ??= target.error;
  });
  tx.addEventListener('abort', () => (failed ??= tx.error));
  return { tx, failure: () => failed };
}

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(databaseName, schemaVersion);
    request.onupgradeneeded = () => {
      const present = request.result.objectStoreNames;
      for (const name of storeNames) {
        if (!present.contains(name)) request.result.createObjectStore(name);
      }
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = () => (opened = null);
      // A newer version of the app in another tab wants to upgrade: let it.
      database.onversionchange = () => {
        database.close();
        opened = null;
      };
      resolve(database);
    };
    request.onerror = () => reject(unavailable(request.error));
  }).catch((error: unknown) => {
    opened = null;
    throw error instanceof AppError ? error : unavailable(error);
  });
  return opened;
}

function unavailable(cause: unknown): AppError {
  const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new AppError('storage-unavailable', { detail }, { cause });
}

function storageError(error: unknown): unknown {
  if (error instanceof Error && error.name === 'QuotaExceededError') {
    return new AppError('quota-exceeded', { neededBytes: 0 }, { cause: error });
  }
  return error ?? unavailable('transaction aborted');
}
