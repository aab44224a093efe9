/**
 * Which folder is what, from the paths of the photos alone. Known shapes, found under any number of
 * folders that hold nothing but the next one:
 *   train/<class>/…, val/<class>/…, test/<class>/…   (torchvision's ImageFolder, one a split)
 *   <class>/…                                        (to be split)
 * Folders inside a class folder belong to the class.
 */
import type { Split } from '../../protocol/dataset.ts';

export interface Place {
  split: Split | null; // null: the folders do not say
  className: string;
  path: string; // without the extra root folders
}

export interface Layout {
  kind: 'splits' | 'classes';
  places: (Place | null)[]; // in the order of the paths; null: outside of every class folder
}

const splitNames = new Map<string, Split>(
  (
    [
      ['train', ['train', 'training', '训练集', '训练', '訓練集']],
      ['val', ['val', 'valid', 'validation', '验证集', '验证', '驗證集']],
      ['test', ['test', 'testing', '测试集', '测试', '測試集']],
    ] as const
  ).flatMap(([split, names]) => names.map((name) => [name, split] as const)),
);

function splitOf(folder: string): Split | null {
  return splitNames.get(folder.trim().toLowerCase()) ?? null;
}

type Path = readonly string[]; // folders, then the file name

export function recogniseLayout(paths: readonly Path[]): Layout {
  const root = skipWrappers(paths, 0, isLoneSplit);
  const folders = foldersAt(paths, root);
  if (looksSplit(folders, root)) return placeInSplits(paths, folders, root);
  const flat = [...folders.keys()].every((folder) => splitOf(folder)); // train/1.jpg: no classes
  return {
    kind: 'classes',
    places: paths.map((path) => (flat ? null : place(path, root, root, null))),
  };
}

/**
 * A class may be called "train" (the vehicle) or "test": a folder stands for a split only where it
 * holds folders, and where another split or nothing else stands beside it.
 */
function looksSplit(folders: ReadonlyMap<string, Path[]>, depth: number): boolean {
  const found = [...folders].filter(([name, paths]) => isSplitFolder(name, paths, depth));
  const kinds = new Set(found.map(([name]) => splitOf(name)));
  return kinds.size > 1 || (kinds.size === 1 && found.length === folders.size);
}

/** A wrapper may be called "test" too: then the splits stand inside of it. */
function isLoneSplit(name: string, paths: readonly Path[], depth: number): boolean {
  const inside = foldersAt(paths, depth + 1);
  const kinds = new Set([...inside].map(([folder]) => splitOf(folder)));
  kinds.delete(null);
  return isSplitFolder(name, paths, depth) && kinds.size < 2;
}

function isSplitFolder(name: string, paths: readonly Path[], depth: number): boolean {
  return splitOf(name) !== null && foldersAt(paths, depth + 1).size > 0;
}

function placeInSplits(
  paths: readonly Path[],
  folders: ReadonlyMap<string, Path[]>,
  root: number,
): Layout {
  // A wrapper inside the splits (train/train/<class>, from a zip in a zip) is seen in train, whose
  // classes are many; in a small val a lone class with folders of its own looks the same.
  const starts = new Map<string, number>();
  let trainIsWrapped = false;
  for (const [name, inside] of folders) {
    const start = skipWrappers(inside, root + 1);
    starts.set(name, start);
    if (splitOf(name) === 'train' && start > root + 1) trainIsWrapped = true;
  }
  const places = paths.map((path) => {
    const folder = path[root] ?? '';
    const split = path.length > root + 1 ? splitOf(folder) : null;
    const start = trainIsWrapped ? (starts.get(folder) ?? root + 1) : root + 1;
    return split && place(path, root, start, split);
  });
  return { kind: 'splits', places };
}

function place(path: Path, root: number, depth: number, split: Split | null): Place | null {
  const className = path[depth];
  if (className === undefined || path.length < depth + 2) return null;
  return { split, className, path: path.slice(root).join('/') };
}

/**
 * Goes down through lone folders. One that holds photos itself is a wrapper only if several folders
 * stand in it (a cover picture beside the classes); else it is a class with a folder inside.
 */
function skipWrappers(
  paths: readonly Path[],
  from: number,
  stop?: (name: string, paths: readonly Path[], depth: number) => boolean,
): number {
  let depth = from;
  let level = paths;
  for (;;) {
    const [only, ...others] = foldersAt(level, depth);
    if (!only || others.length > 0) return depth;
    const [name, inside] = only;
    if (stop?.(name, inside, depth)) return depth;
    const next = foldersAt(inside, depth + 1);
    if (next.size === 0) return depth;
    const hasPhotos = inside.some((path) => path.length === depth + 2);
    const holdsSplits = [...next.keys()].some((folder) => splitOf(folder));
    if (hasPhotos && next.size === 1 && !holdsSplits) return depth;
    level = inside;
    depth += 1;
  }
}

/** The folders at `depth`, each with the photos anywhere below it. */
function foldersAt(paths: readonly Path[], depth: number): Map<string, Path[]> {
  const folders = new Map<string, Path[]>();
  for (const path of paths) {
    const folder = path[depth];
    if (folder === undefined || path.length < depth + 2) continue;
    const inside = folders.get(folder);
    if (inside) inside.push(path);
    else folders.set(folder, [path]);
  }
  return folders;
}
