/**
 * The datasets that this browser keeps: the list, the one that is open (it outlives a reload), and
 * an import under way with its progress, its speed and its cancel.
 */
import type { Dataset, NameEncoding } from '../protocol/dataset.ts';
import { AppError, toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { ImportApi, ImportProgress, ImportSource } from '../protocol/import-api.ts';
import type { Caller } from '../protocol/rpc.ts';
import { recall, remember } from './remember.ts';

const key = 'dataset';

export interface Importing {
  name: string; // of the zip or folder; '' for the sample
  progress: ImportProgress | null; // null until the first event
  bytesPerSecond: number | null;
}

export interface StorageUse {
  usageBytes: number;
  quotaBytes: number;
  persisted: boolean;
}

export class DatasetsSession {
  list = $state.raw<Dataset[]>([]);
  loaded = $state(false);
  importing = $state.raw<Importing | null>(null);
  /** The dataset whose names are being read again. */
  recoding = $state<string | null>(null);
  error = $state.raw<ErrorData | null>(null);
  storage = $state.raw<StorageUse | null>(null);
  #currentId = $state<string | null>(recall(key));
  current = $derived<Dataset | null>(this.list.find(({ id }) => id === this.#currentId) ?? null);

  #cancel: AbortController | null = null;
  #askedToPersist = false;
  readonly #importer: Caller<ImportApi>;

  constructor(importer: Caller<ImportApi>) {
    this.#importer = importer;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      const list = await this.#importer.call('datasets.list', null);
      this.list = list.sort((a, b) => b.createdAt - a.createdAt);
    });
    this.loaded = true;
    await this.#measure();
  }

  /** Resolves when the import has ended, in whatever way; what went wrong is in `error`. */
  async import(source: ImportSource): Promise<void> {
    if (this.importing) return;
    this.#cancel = new AbortController();
    this.error = null;
    void this.#askToPersist();
    this.importing = { name: nameOf(source), progress: null, bytesPerSecond: null };
    const started = performance.now();
    try {
      const dataset = await this.#importer.call(
        'datasets.import',
        { source },
        {
          signal: this.#cancel.signal,
          onEvent: (progress) => {
            const seconds = (performance.now() - started) / 1000;
            const bytesPerSecond = seconds > 0.2 ? progress.bytesDone / seconds : null;
            this.importing = { name: nameOf(source), progress, bytesPerSecond };
          },
        },
      );
      this.list = [dataset, ...this.list.filter(({ id }) => id !== dataset.id)];
      this.open(dataset.id);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.importing = null;
      this.#cancel = null;
    }
    await this.#measure();
  }

  cancel(): void {
    this.#cancel?.abort(new AppError('cancelled', {}));
  }

  /** Known to be no longer here; not while the list is still being read. */
  isGone(id: string): boolean {
    return this.loaded && this.list.every((dataset) => dataset.id !== id);
  }

  open(id: string | null): void {
    this.#currentId = id;
    remember(key, id);
  }

  async delete(id: string): Promise<void> {
    await this.#attempt(async () => {
      await this.#importer.call('datasets.delete', { id });
      this.list = this.list.filter((dataset) => dataset.id !== id);
      if (this.#currentId === id) this.open(null);
    });
    await this.#measure();
  }

  async setEncoding(id: string, encoding: NameEncoding): Promise<void> {
    if (this.recoding) return;
    this.recoding = id;
    await this.#attempt(async () => {
      const dataset = await this.#importer.call('datasets.setEncoding', { id, encoding });
      this.list = this.list.map((one) => (one.id === id ? dataset : one));
    });
    this.recoding = null;
  }

  dismissError(): void {
    this.error = null;
  }

  /**
   * Once, when there is something to keep: the browser decides by itself, or asks the person, and
   * the import does not wait for either.
   */
  async #askToPersist(): Promise<void> {
    if (this.#askedToPersist || this.storage?.persisted) return;
    this.#askedToPersist = true;
    try {
      if (await navigator.storage.persist()) await this.#measure();
    } catch {
      // no such promise here: the page says that the browser may clear what is stored
    }
  }

  async #measure(): Promise<void> {
    try {
      this.storage = await this.#importer.call('storage.estimate', null);
    } catch {
      this.storage = null; // a figure that is nice to have: without it the line is not shown
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const data = toErrorData(error);
    this.error = data.code === 'cancelled' ? null : data;
  }
}

function nameOf(source: ImportSource): string {
  switch (source.kind) {
    case 'zip':
      return source.file.name;
    case 'folder':
      return source.name;
    case 'sample':
      return '';
    default:
      return source satisfies never;
  }
}
