/** The entry table before any byte is read: what the names alone rule out. */
import type { NameEncoding } from '../../protocol/dataset.ts';
import type { EntryRecord } from '../../protocol/entry-table.ts';
import { decodeName } from '../names/decode-name.ts';
import { splitPath } from '../names/path.ts';
import type { ArchiveEntry } from './archive.ts';
import { claimOf, isLitter } from './litter.ts';

/** `skipped: null` means a photo so far: its content has still to say so. */
export function entryRecords(
  entries: readonly ArchiveEntry[],
  encoding: NameEncoding,
): EntryRecord[] {
  return entries.map(({ name, raw }) => ({
    name,
    raw,
    skipped: ruleOut(splitPath(decodeName({ name, raw }, encoding))),
    width: 0,
    height: 0,
    bytes: 0,
  }));
}

function ruleOut(path: string[] | null): EntryRecord['skipped'] {
  if (!path) return 'unsafe-name';
  if (isLitter(path)) return 'litter';
  return claimOf(path.at(-1) ?? '') === 'other' ? 'not-an-image' : null;
}
