/** Bad input: each kind gets its own sentence, and what was there before stays. */
import { expect, test } from '@playwright/test';
import { makeZip } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';
import { badZips, goodZip, photo } from './bad-zips.ts';

test('bad archives are named, and the good dataset stays', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  await app.importZip(zipNamed('good.zip', goodZip));
  for (const { title, name, file, sentence } of badZips) {
    await test.step(title, async () => {
      await app.pickZip(zipNamed(name, file));
      await expect(page.getByRole('alert').first()).toContainText(sentence(app.t));
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
