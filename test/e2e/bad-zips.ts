/** Archives that cannot be a dataset, each in its own way, with what the app must say of it. */
import type { Dictionary } from '../../src/i18n/dictionaries.ts';
import { png } from '../support/pictures.ts';
import { makeZip, type ZipFile } from '../support/zips.ts';

export const photo = (name: string, shade = 0): ZipFile => ({
  name,
  data: png(8, 8, [200, shade % 256, 40]),
});
export const goodZip = makeZip(
  ['a', 'b'].flatMap((name) => [0, 1, 2].map((i) => photo(`${name}/${i}.png`, 40 * i))),
);

export interface BadZip {
  title: string;
  file: Uint8Array;
  name: string;
  /** What a person reads. */
  sentence(t: Dictionary): string;
}

const name = 'bad.zip';
const sentences = (t: Dictionary) => t.errors.sentences;

export const badZips: BadZip[] = [
  {
    title: 'not a zip',
    file: new TextEncoder().encode('these are not the bytes of a zip'.repeat(40)),
    name,
    sentence: (t) => sentences(t)['not-a-zip']({ name }),
  },
  {
    title: 'a truncated zip',
    file: goodZip.slice(0, Math.floor(goodZip.length / 2)),
    name,
    sentence: (t) => sentences(t)['zip-truncated']({ name }),
  },
  {
    title: 'an encrypted zip',
    file: makeZip([
      { ...photo('a/1.png'), encrypted: true },
      { ...photo('b/1.png'), encrypted: true },
    ]),
    name,
    sentence: (t) => sentences(t)['zip-encrypted']({ name }),
  },
  {
    title: 'no photos at all',
    file: makeZip([{ name: 'notes/readme.txt', data: 'nothing to see' }]),
    name,
    sentence: (t) => sentences(t)['no-images']({ name, entries: 1 }),
  },
  {
    title: 'one class only',
    file: makeZip([photo('only/1.png'), photo('only/2.png', 50), photo('only/3.png', 100)]),
    name,
    sentence: (t) => sentences(t)['one-class']({ name, className: 'only' }),
  },
  {
    title: 'one photo in each class',
    file: makeZip([photo('a/1.png'), photo('b/1.png', 90)]),
    name,
    sentence: (t) => sentences(t)['too-few-photos']({ className: 'a', found: 1, needed: 2 }),
  },
  {
    title: 'photos without class folders',
    file: makeZip([photo('1.png'), photo('2.png', 60)]),
    name,
    sentence: (t) => sentences(t)['no-class-folders']({ name, images: 2 }),
  },
  {
    title: 'only text files named .jpg',
    file: makeZip([
      { name: 'a/1.jpg', data: 'just some words, no picture' },
      { name: 'b/1.jpg', data: 'just some words, no picture' },
    ]),
    name,
    sentence: (t) => sentences(t)['no-valid-images']({ name, skipped: 2, first: 'a/1.jpg' }),
  },
];
