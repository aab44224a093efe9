/**
 * From the entry table to a dataset: classes, splits, labels, samples, and what was left out and
 * why. A pure function of the table, the names' encoding and the split seed: reading the names in
 * another encoding needs neither the zip nor the photos.
 */
import type {
  Dataset,
  NameEncoding,
  Sample,
  Skipped,
  SkipReason,
  Split,
} from '../../protocol/dataset.ts';
import type { EntryRecord } from '../../protocol/entry-table.ts';
import { AppError } from '../../protocol/errors.ts';
import { decodeName } from '../names/decode-name.ts';
import { compareCodePoints, splitPath } from '../names/path.ts';
import { recogniseLayout, type Place } from './layout.ts';
import { drawValidation } from './split.ts';

export interface Understanding {
  manifest: Pick<
    Dataset,
    'classes' | 'counts' | 'classCounts' | 'splitOrigin' | 'skipped' | 'bytes'
  >;
  samples: Sample[]; // in the order of their ids
  namesMatter: boolean; // some name is not ASCII, and the archive does not say its encoding
}

export interface UnderstandOptions {
  name: string; // of the zip or folder, for errors
  encoding: NameEncoding;
  splitSeed: number;
}

interface Photo extends Place {
  id: number;
  entry: EntryRecord;
}

/** Throws the `AppError` that says why the files are no dataset. */
export function understand(
  entries: readonly EntryRecord[],
  { name, encoding, splitSeed }: UnderstandOptions,
): Understanding {
  const skipped: Skipped[] = [];
  const { ids, paths } = keptPaths(entries, encoding, skipped);
  if (ids.length === 0) throw whyNone(name, skipped, entries.length);

  const layout = recogniseLayout(paths);
  const photos: Photo[] = [];
  layout.places.forEach((place, i) => {
    const id = ids[i] ?? 0;
    const entry = entries[id];
    if (place && entry) photos.push({ ...place, id, entry });
    else skipped.push({ name: paths[i]?.join('/') ?? '', reason: 'outside-class-folder' });
  });
  if (photos.length === 0) throw new AppError('no-class-folders', { name, images: ids.length });

  const classes = [...new Set(photos.map(({ className }) => className))].sort(compareCodePoints);
  const [first = ''] = classes;
  if (classes.length === 1) throw new AppError('one-class', { name, className: first });

  const { splitById, origin } = assignSplits(photos, classes, layout.kind, name, splitSeed);
  const labels = new Map(classes.map((className, label) => [className, label]));
  const samples = photos.map(({ id, path, className, entry }): Sample => ({
    id,
    path,
    label: labels.get(className) ?? 0,
    split: splitById.get(id) ?? 'train',
    width: entry.width,
    height: entry.height,
  }));
  return {
    manifest: {
      classes,
      ...count(samples, classes.length),
      splitOrigin: origin,
      skipped,
      bytes: photos.reduce((sum, { entry }) => sum + entry.bytes, 0),
    },
    samples,
    namesMatter: entries.some((entry) => entry.raw && /[^\0-\x7f]/.test(entry.name)),
  };
}

/** The kept entries' paths; what is unsafe or there twice joins the skipped, in entry order. */
function keptPaths(
  entries: readonly EntryRecord[],
  encoding: NameEncoding,
  skipped: Skipped[],
): { ids: number[]; paths: string[][] } {
  const ids: number[] = [];
  const paths: string[][] = [];
  const seen = new Set<string>();
  entries.forEach((entry, id) => {
    const text = decodeName(entry, encoding);
    const path = splitPath(text);
    const key = path?.join('/') ?? text;
    let reason: SkipReason | null = entry.skipped;
    if (!path) reason = 'unsafe-name';
    else if (!reason && seen.has(key)) reason = 'duplicate-name';
    if (reason) {
      skipped.push({ name: key, reason });
      return;
    }
    seen.add(key);
    ids.push(id);
    paths.push(path ?? []);
  });
  return { ids, paths };
}

/** Nothing kept: were there no pictures, or none that can be read? */
function whyNone(name: string, skipped: readonly Skipped[], entries: number): AppError {
  const notPictures: readonly SkipReason[] = ['litter', 'not-an-image'];
  const pictures = skipped.filter(({ reason }) => !notPictures.includes(reason));
  const [first] = pictures;
  if (!first) return new AppError('no-images', { name, entries });
  if (pictures.every(({ reason }) => reason === 'encrypted')) {
    return new AppError('zip-encrypted', { name });
  }
  return new AppError('no-valid-images', { name, skipped: pictures.length, first: first.name });
}

function assignSplits(
  photos: readonly Photo[],
  classes: readonly string[],
  kind: 'splits' | 'classes',
  name: string,
  seed: number,
): { splitById: Map<number, Split>; origin: Dataset['splitOrigin'] } {
  const splitById = new Map(photos.map(({ id, split }) => [id, split ?? 'train']));
  const found = new Set(splitById.values());
  if (!found.has('train')) {
    throw new AppError('no-train-split', { name, found: [...found].join(', ') });
  }
  if (found.has('val')) return { splitById, origin: 'folders' };

  // Only class folders, or a train folder without a validation one: some of train validates.
  const byClass = new Map<string, number[]>(classes.map((className) => [className, []]));
  for (const { id, className } of photos) {
    if (splitById.get(id) === 'train') byClass.get(className)?.push(id);
  }
  for (const [className, ids] of byClass) {
    // A class that stands in the test folder alone has nothing to split.
    if (ids.length === 1 || (ids.length === 0 && kind === 'classes')) {
      throw new AppError('too-few-photos', { className, found: ids.length, needed: 2 });
    }
  }
  for (const id of drawValidation([...byClass.values()], seed)) splitById.set(id, 'val');
  return { splitById, origin: 'seeded' };
}

function count(
  samples: readonly Sample[],
  classes: number,
): Pick<Dataset, 'counts' | 'classCounts'> {
  const counts = { train: 0, val: 0, test: 0 };
  const zeros = (): number[] => new Array<number>(classes).fill(0);
  const classCounts = { train: zeros(), val: zeros(), test: zeros() };
  for (const { split, label } of samples) {
    counts[split] += 1;
    const row = classCounts[split];
    row[label] = (row[label] ?? 0) + 1;
  }
  return { counts, classCounts };
}
