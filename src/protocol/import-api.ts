/** Page → import worker. */
import type { Dataset, NameEncoding, Sample } from './dataset.ts';

export interface FolderFile {
  path: string; // with '/', from the dropped folder down
  file: File;
}

export type ImportSource =
  | { kind: 'zip'; file: File }
  | { kind: 'folder'; name: string; files: FolderFile[] }
  | { kind: 'sample' }; // the zip that ships with the app

export interface ImportProgress {
  stage: 'reading' | 'importing' | 'saving';
  done: number; // photos
  total: number; // 0 while unknown
  bytesDone: number;
  bytesTotal: number;
  skipped: number;
}

export interface ImportApi {
  'datasets.import': {
    params: { source: ImportSource; encoding?: NameEncoding; splitSeed?: number };
    result: Dataset;
    event: ImportProgress;
  };
  'datasets.list': { params: null; result: Dataset[]; event: never };
  'datasets.delete': { params: { id: string }; result: null; event: never };
  /** Reads the names again in another encoding; the photos stay as they are. */
  'datasets.setEncoding': {
    params: { id: string; encoding: NameEncoding };
    result: Dataset;
    event: never;
  };
  'datasets.samples': { params: { id: string }; result: Sample[]; event: never };
  /** The stored bytes of some photos, in the order of `ids`. */
  'datasets.photos': { params: { id: string; ids: number[] }; result: Blob[]; event: never };
  'storage.estimate': {
    params: null;
    result: { usageBytes: number; quotaBytes: number; persisted: boolean };
    event: never;
  };
}
