/** Bad input: each kind gets its own sentence, and what was there before stays. */
import { expect, test } from '@playwright/test';
import type { ErrorCode, ErrorParams } from '../../src/protocol/errors.ts';
import { png } from '../support/pictures.ts';
import { makeZip, type ZipFile } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';

const photo = (name: string, shade = 0): ZipFile => ({
  name,
  data: png(8, 8, [200, shade % 256, 40]),
});
const good = makeZip(
  ['a', 'b'].flatMap((name) => [0, 1, 2].map((i) => photo(`${name}/${i}.png`, 40 * i))),
);

interface Case {
  title: string;
  file: Uint8Array;
  code: ErrorCode;
  params: Record<string, unknown>;
}

const name = 'bad.zip';
const cases: Case[] = [
  {
    title: 'not a zip',
    file: new TextEncoder().encode('these are not the bytes of a zip'.repeat(40)),
    code: 'not-a-zip',
    params: { name },
  },
  {
    title: 'a truncated zip',
    file: good.slice(0, Math.floor(good.length / 2)),
    code: 'zip-truncated',
    params: { name },
  },
  {
    title: 'an encrypted zip',
    file: makeZip([
      { ...photo('a/1.png'), encrypted: true },
      { ...photo('b/1.png'), encrypted: true },
    ]),
    code: 'zip-encrypted',
    params: { name },
  },
  {
    title: 'no photos at all',
    file: makeZip([{ name: 'notes/readme.txt', data: 'nothing to see' }]),
    code: 'no-images',
    params: { name, entries: 1 },
  },
  {
    title: 'one class only',
    file: makeZip([photo('only/1.png'), photo('only/2.png', 50), photo('only/3.png', 100)]),
    code: 'one-class',
    params: { name, className: 'only' },
  },
  {
    title: 'one photo in each class',
    file: makeZip([photo('a/1.png'), photo('b/1.png', 90)]),
    code: 'too-few-photos',
    params: { className: 'a', found: 1, needed: 2 },
  },
  {
    title: 'photos without class folders',
    file: makeZip([photo('1.png'), photo('2.png', 60)]),
    code: 'no-class-folders',
    params: { name, images: 2 },
  },
  {
    title: 'only text files named .jpg',
    file: makeZip([
      { name: 'a/1.jpg', data: 'just some words, no picture' },
      { name: 'b/1.jpg', data: 'just some words, no picture' },
    ]),
    code: 'no-valid-images',
    params: { name, skipped: 2, first: 'a/1.jpg' },
  },
];

function sentence(app: App, code: ErrorCode, params: Record<string, unknown>): string {
  const words = app.t.errors.sentences[code] as (params: ErrorParams[ErrorCode]) => string;
  return words(params as ErrorParams[ErrorCode]);
}

test('bad archives are named, and the good dataset stays', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  await app.importZip(zipNamed('good.zip', good));
  for (const { title, file, code, params } of cases) {
    await test.step(title, async () => {
      await app.pickZip(zipNamed(name, file));
      await expect(page.getByRole('alert').first()).toContainText(sentence(app, code, params));
    });
  }
  await page.reload();
  await expect(app.table(app.t.data.tableCaption)).toBeVisible();
  await expect(page.getByRole('button', { name: app.t.data.deleteNamed('good') })).toBeVisible();
  await expect(page.getByRole('button', { name: app.t.data.deleteNamed('bad') })).toBeHidden();
});

test('a text file named .jpg is skipped and listed with its reason', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  const zip = makeZip([
    ...['a', 'b'].flatMap((name) => [0, 1, 2].map((i) => photo(`${name}/${i}.png`, 40 * i))),
    { name: 'a/words.jpg', data: 'just some words, no picture' },
  ]);
  await app.importZip(zipNamed('mixed.zip', zip));
  await page.getByText(app.t.data.skippedTitle(1)).click();
  const reason = app.t.errors.skips['text-named-image'];
  await expect(page.getByRole('row').filter({ hasText: 'words.jpg' })).toContainText(reason);
});
