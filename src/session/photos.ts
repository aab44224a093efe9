/**
 * The stored photos of datasets as object URLs: asked for one by one by the pictures on the page,
 * fetched from the import worker in batches, and released when they are the longest unused.
 */
import type { ImportApi } from '../protocol/import-api.ts';
import type { Dataset, Sample } from '../protocol/dataset.ts';
import type { Caller } from '../protocol/rpc.ts';

const keptUrls = 400; // more than a screen shows at once
const batchMs = 20;

interface Wanted {
  id: number;
  resolve: (url: string | null) => void;
}

export class PhotosSession {
  readonly #importer: Caller<ImportApi>;
  readonly #urls = new Map<string, Promise<string | null>>(); // the oldest first
  readonly #wanted = new Map<string, Wanted[]>(); // by dataset
  readonly #samples = new WeakMap<Dataset, Promise<Sample[]>>();

  constructor(importer: Caller<ImportApi>) {
    this.#importer = importer;
  }

  /** All samples of a dataset, asked for once; names read anew make a new manifest, so a new list. */
  samples(dataset: Dataset): Promise<Sample[]> {
    const known = this.#samples.get(dataset);
    if (known) return known;
    const list = this.#importer.call('datasets.samples', { id: dataset.id });
    this.#samples.set(dataset, list);
    list.catch(() => this.#samples.delete(dataset));
    return list;
  }

  /** An object URL of one photo, or null when it cannot be had. */
  url(datasetId: string, id: number): Promise<string | null> {
    const key = `${datasetId}/${id}`;
    const known = this.#urls.get(key);
    const url = known ?? new Promise((resolve) => this.#want(datasetId, { id, resolve }));
    this.#urls.delete(key);
    this.#urls.set(key, url);
    this.#trim();
    return url;
  }

  #want(datasetId: string, wanted: Wanted): void {
    const waiting = this.#wanted.get(datasetId);
    if (waiting) {
      waiting.push(wanted);
      return;
    }
    this.#wanted.set(datasetId, [wanted]);
    setTimeout(() => void this.#fetch(datasetId), batchMs);
  }

  async #fetch(datasetId: string): Promise<void> {
    const wanted = this.#wanted.get(datasetId) ?? [];
    this.#wanted.delete(datasetId);
    try {
      const ids = wanted.map(({ id }) => id);
      const blobs = await this.#importer.call('datasets.photos', { id: datasetId, ids });
      wanted.forEach(({ resolve }, i) => {
        const blob = blobs[i];
        resolve(blob ? URL.createObjectURL(blob) : null);
      });
    } catch {
      // the picture says that it is not available; the next look asks again
      for (const { id, resolve } of wanted) {
        this.#urls.delete(`${datasetId}/${id}`);
        resolve(null);
      }
    }
  }

  #trim(): void {
    for (const [key, url] of this.#urls) {
      if (this.#urls.size <= keptUrls) return;
      this.#urls.delete(key);
      void url.then((text) => text && URL.revokeObjectURL(text));
    }
  }
}
