/** What a dataset is, as the page, the workers and the disk see it. Plain data. */

export type Split = 'train' | 'val' | 'test';
export const splits = ['train', 'val', 'test'] as const satisfies readonly Split[];

/** Encodings of file names in a zip without the UTF-8 flag. */
export const nameEncodings = ['utf-8', 'gb18030', 'shift_jis', 'euc-kr', 'cp437'] as const;
export type NameEncoding = (typeof nameEncodings)[number];

export const skipReasons = [
  'litter', // what systems leave behind: __MACOSX, .DS_Store, Thumbs.db …
  'not-an-image', // another kind of file, by its name
  'text-named-image', // named .jpg, holds something else
  'unsupported-format', // a picture that browsers cannot read: TIFF, HEIC …
  'empty',
  'damaged', // the checksum differs, or the data end early
  'undecodable', // the browser's decoder refused it
  'too-large', // over the pixel or byte cap
  'encrypted',
  'outside-class-folder',
  'unsafe-name',
  'duplicate-name',
] as const;
export type SkipReason = (typeof skipReasons)[number];

export interface Skipped {
  name: string;
  reason: SkipReason;
}

/** One picture. `id` is its place in the import and never changes; `label` indexes `classes`. */
export interface Sample {
  id: number;
  path: string; // without the extra root folder
  label: number;
  split: Split;
  width: number; // after EXIF orientation, px
  height: number;
}

/** The manifest: what was understood of an import. */
export interface Dataset {
  version: 1;
  id: string;
  name: string;
  createdAt: number; // ms since 1970
  source: { kind: 'zip' | 'folder' | 'sample'; name: string; bytes: number };
  classes: string[]; // in code-point order; the index is the label
  counts: Record<Split, number>;
  classCounts: Record<Split, number[]>; // by label
  splitOrigin: 'folders' | 'seeded';
  splitSeed: number;
  encoding: { used: NameEncoding; guessed: NameEncoding; matters: boolean }; // matters: some name is not ASCII
  skipped: Skipped[];
  bytes: number; // of the pictures kept
  importMs: number;
}
