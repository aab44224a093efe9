import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recogniseLayout } from '../../../src/data/image-folder/layout.ts';
import { drawValidation } from '../../../src/data/image-folder/split.ts';

/** `split:class` of each path, `-` where it is outside. */
function layout(...paths: string[]): string[] {
  const { places } = recogniseLayout(paths.map((path) => path.split('/')));
  return places.map((place) => (place ? `${place.split ?? ''}:${place.className}` : '-'));
}

describe('recogniseLayout', () => {
  const cases: [string, string[], string[]][] = [
    ['classes', ['cat/1', 'dog/1'], [':cat', ':dog']],
    ['classes in a root', ['pets/cat/1', 'pets/dog/1'], [':cat', ':dog']],
    ['classes under several roots', ['a/b/c/cat/1', 'a/b/c/dog/1'], [':cat', ':dog']],
    ['splits', ['train/cat/1', 'val/cat/1', 'test/cat/1'], ['train:cat', 'val:cat', 'test:cat']],
    ['other names', ['TRAIN/cat/1', 'Valid/cat/1', 'x.d/c/1'], ['train:cat', 'val:cat', '-']],
    ['validation', ['Train/cat/1', 'validation/cat/1'], ['train:cat', 'val:cat']],
    ['Chinese', ['训练集/猫/1', '验证集/猫/1', '测试集/猫/1'], ['train:猫', 'val:猫', 'test:猫']],
    ['splits in a root', ['fruit/train/a/1', 'fruit/val/a/1'], ['train:a', 'val:a']],
    ['train alone', ['fruit/train/a/1', 'fruit/train/b/1'], ['train:a', 'train:b']],
    ['a root called test', ['test/train/a/1', 'test/val/a/1'], ['train:a', 'val:a']],
    [
      'folders inside a class',
      ['train/a/x/1', 'train/b/y/z/1', 'val/a/1'],
      ['train:a', 'train:b', 'val:a'],
    ],
    ['nested classes without splits', ['a/x/1', 'a/y/1', 'b/1'], [':a', ':a', ':b']],
    ['a class called train', ['train/1', 'bus/1', 'car/1'], [':train', ':bus', ':car']],
    ['splits without classes', ['train/1', 'val/1'], ['-', '-']],
    ['photos beside the classes', ['cover', 'cat/1', 'dog/1'], ['-', ':cat', ':dog']],
    ['a cover in the root folder', ['r/cover', 'r/cat/1', 'r/dog/1'], ['-', ':cat', ':dog']],
    [
      'a cover beside the splits',
      ['r/cover', 'r/train/a/1', 'r/val/a/1'],
      ['-', 'train:a', 'val:a'],
    ],
    ['a photo in the split folder', ['train/1', 'train/a/1', 'val/a/1'], ['-', 'train:a', 'val:a']],
    ['folders beside the splits', ['train/a/1', 'val/a/1', 'demo/1'], ['train:a', 'val:a', '-']],
    [
      'splits wrapped twice',
      ['train/train/a/1', 'train/train/b/1', 'val/val/a/1'],
      ['train:a', 'train:b', 'val:a'],
    ],
    [
      'a small val with nested folders',
      ['train/a/1', 'train/b/1', 'val/a/x/1', 'val/a/y/1'],
      ['train:a', 'train:b', 'val:a', 'val:a'],
    ],
    ['one class', ['cat/1', 'cat/2'], [':cat', ':cat']],
    ['one class with a folder inside', ['cat/1', 'cat/more/2'], [':cat', ':cat']],
    ['no folders', ['1', '2'], ['-', '-']],
  ];
  it.each(cases)('%s', (_, paths, expected) => expect(layout(...paths)).toEqual(expected));

  it('leaves the root folder out of the paths', () => {
    const paths = ['a/b/train/cat/x/1', 'a/b/val/cat/1'].map((path) => path.split('/'));
    const { places } = recogniseLayout(paths);
    expect(places.map((place) => place?.path)).toEqual(['train/cat/x/1', 'val/cat/1']);
  });

  it('does not depend on the order of the files', () => {
    const folder = fc.constantFrom('train', 'val', 'a', 'b', 'root');
    const path = fc.tuple(fc.array(folder, { maxLength: 3 }), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 8 }), (raw) => {
        const paths = raw.map(([folders, file]) => [...folders, file].join('/'));
        expect(layout(...[...paths].reverse()).reverse()).toEqual(layout(...paths));
      }),
    );
  });
});

describe('drawValidation', () => {
  const ids = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => from + i);

  it('takes a fifth of each class, rounded by class, one at least and never all', () => {
    const sizes = [2, 3, 7, 8, 10, 40];
    const classes = sizes.map((size, i) => ids(i * 100, size));
    const drawn = drawValidation(classes, 1);
    const counts = classes.map((of) => of.filter((id) => drawn.has(id)).length);
    expect(counts).toEqual([1, 1, 1, 2, 2, 8]);
  });

  it('follows the seed, and nothing but the seed', () => {
    const classes = [ids(0, 50), ids(50, 50)];
    const draw = (seed: number, of = classes): number[] =>
      [...drawValidation(of, seed)].sort((a, b) => a - b);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1, [[...(classes[1] ?? [])].reverse(), classes[0] ?? []])).toEqual(draw(1));
  });
});
