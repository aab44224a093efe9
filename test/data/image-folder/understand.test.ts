import { describe, expect, it } from 'vitest';
import { understand, type Understanding } from '../../../src/data/image-folder/understand.ts';
import { rawName } from '../../../src/data/names/raw-name.ts';
import type { NameEncoding, SkipReason } from '../../../src/protocol/dataset.ts';
import type { EntryRecord } from '../../../src/protocol/entry-table.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import { encodeText } from '../../support/zips.ts';

function photo(name: string, skipped: SkipReason | null = null): EntryRecord {
  return { name, raw: false, skipped, width: 4, height: 3, bytes: 10 };
}

function photos(folder: string, count: number): EntryRecord[] {
  return Array.from({ length: count }, (_, i) => photo(`${folder}/${i}.jpg`));
}

function read(entries: EntryRecord[], encoding: NameEncoding = 'utf-8'): Understanding {
  return understand(entries, { name: 'x.zip', encoding, splitSeed: 5 });
}

function refusal(entries: EntryRecord[]): AppError {
  try {
    read(entries);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.fail('was not refused');
}

describe('understand', () => {
  it('gives samples their entry as id, and labels in code-point order', () => {
    const { manifest, samples } = read([
      photo('r/.DS_Store', 'litter'),
      photo('r/train/b/1.jpg'),
      photo('r/train/B/1.jpg'),
      photo('r/val/b/1.jpg'),
      photo('r/test/a/1.jpg'),
    ]);
    expect(manifest).toEqual({
      classes: ['B', 'a', 'b'],
      counts: { train: 2, val: 1, test: 1 },
      classCounts: { train: [1, 0, 1], val: [0, 0, 1], test: [0, 1, 0] },
      splitOrigin: 'folders',
      skipped: [{ name: 'r/.DS_Store', reason: 'litter' }],
      bytes: 40,
    });
    expect(samples.map(({ id, path, label, split }) => [id, path, label, split])).toEqual([
      [1, 'train/b/1.jpg', 2, 'train'],
      [2, 'train/B/1.jpg', 0, 'train'],
      [3, 'val/b/1.jpg', 2, 'val'],
      [4, 'test/a/1.jpg', 1, 'test'],
    ]);
  });

  it('splits class folders four to one, class by class', () => {
    const { manifest } = read([...photos('a', 40), ...photos('b', 5)]);
    expect(manifest.splitOrigin).toBe('seeded');
    expect(manifest.classCounts).toEqual({ train: [32, 4], val: [8, 1], test: [0, 0] });
  });

  it('splits validation off train where there is none, and leaves test alone', () => {
    const { manifest } = read([
      ...photos('train/a', 10),
      ...photos('train/b', 10),
      ...photos('test/a', 3),
    ]);
    expect(manifest.splitOrigin).toBe('seeded');
    expect(manifest.classCounts).toEqual({ train: [8, 8], val: [2, 2], test: [3, 0] });
  });

  it('takes the same photos for validation whatever the names are read as', () => {
    const raw = ['苹果', '梨'].flatMap((folder) =>
      photos('', 10).map((entry) => ({
        ...entry,
        name: rawName(encodeText(folder, 'gb18030')) + entry.name,
        raw: true,
      })),
    );
    const chinese = read(raw, 'gb18030');
    const mojibake = read(raw, 'cp437');
    expect(chinese.manifest.classes).toEqual(['梨', '苹果']);
    expect(chinese.namesMatter).toBe(true);
    expect(mojibake.manifest.classes).toEqual(['└µ', '╞╗╣√']);
    expect(mojibake.samples.map(({ split }) => split)).toEqual(
      chinese.samples.map(({ split }) => split),
    );
  });

  it('joins names that differ only in their composition', () => {
    const { manifest } = read([
      ...photos('caf\u00e9', 2),
      ...photos('cafe\u0301/more', 2),
      ...photos('tea', 2),
    ]);
    expect(manifest.classes).toEqual(['caf\u00e9', 'tea']);
  });

  const refused: [string, EntryRecord[], object][] = [
    ['nothing', [], { code: 'no-images', params: { name: 'x.zip', entries: 0 } }],
    [
      'litter and texts',
      [photo('.DS_Store', 'litter'), photo('a.txt', 'not-an-image')],
      { code: 'no-images', params: { name: 'x.zip', entries: 2 } },
    ],
    [
      'pictures that cannot be read',
      [photo('.x', 'litter'), photo('a/1.jpg', 'empty'), photo('b/1.jpg', 'encrypted')],
      { code: 'no-valid-images', params: { name: 'x.zip', skipped: 2, first: 'a/1.jpg' } },
    ],
    [
      'all encrypted',
      [photo('.x', 'litter'), photo('a/1.jpg', 'encrypted')],
      { code: 'zip-encrypted', params: { name: 'x.zip' } },
    ],
    [
      'no folders',
      [photo('1.jpg'), photo('2.jpg')],
      { code: 'no-class-folders', params: { name: 'x.zip', images: 2 } },
    ],
    [
      'one class',
      photos('r/cat', 5),
      { code: 'one-class', params: { name: 'x.zip', className: 'cat' } },
    ],
    [
      'a class that only breaks into one photo',
      [...photos('a', 5), photo('b/1.jpg'), photo('b/2.jpg', 'undecodable')],
      { code: 'too-few-photos', params: { className: 'b', found: 1, needed: 2 } },
    ],
    [
      'no training photos',
      [...photos('val/a', 2), ...photos('test/b', 2)],
      { code: 'no-train-split', params: { name: 'x.zip', found: 'val, test' } },
    ],
  ];
  it.each(refused)('refuses %s', (_, entries, expected) => {
    expect(refusal(entries)).toMatchObject(expected);
  });
});
