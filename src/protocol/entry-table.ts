/**
 * What an import keeps of the files it met, in their own order: the raw names and what became of
 * each. The manifest and the samples are derived from it (`data/image-folder/understand`), so that
 * another encoding of the names needs no second look at the zip.
 */
import type { SkipReason } from './dataset.ts';

export interface EntryRecord {
  /** Text, or one character a byte where the zip does not say the encoding (`raw`). */
  name: string;
  raw: boolean;
  skipped: SkipReason | null; // null: kept
  width: number; // after EXIF orientation, px; 0 where skipped
  height: number;
  bytes: number;
}

/** An entry's index is its `Sample.id`. */
export interface EntryTable {
  version: 1;
  entries: EntryRecord[];
}
