/** Every step is readable by everyone, at every width, in both themes, and never freezes. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { makeZip } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';
import { watchMainThread } from './main-thread.ts';
import { paintedClasses } from './painted.ts';

const steps = ['data', 'model', 'train', 'evaluate', 'use'] as const;

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

test('all five steps, by themselves and after a run', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  for (const step of steps) {
    await app.go(step);
    expect(await violations(page), `${step}, empty`).toEqual([]);
  }
  await app.go('data');
  const classes = ['苹果', 'banana', 'a rather long name of a class, as people have them'];
  const files = await paintedClasses(page, { classes, train: 8, val: 4, size: 64 });
  await app.importZip(zipNamed('three.zip', makeZip(files.map((f) => ({ name: f.path, ...f })))));
  const mainThread = await watchMainThread(page);
  await app.train('head', { imageSize: 64, epochs: 20, batchSize: 8, views: 2 });
  await app.trained(180_000);
  // By the thread's own clock: on a busy machine, a task also waits for its turn.
  const tasks = await mainThread.longestTasks();
  expect(tasks.length).toBeGreaterThan(0);
  expect(tasks.filter((ms) => ms > 50)).toEqual([]);

  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const step of steps) {
      await app.go(step);
      expect(await violations(page), `${step}, ${scheme}`).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const step of steps) {
    await app.go(step);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${step} at 360 px`).toBeLessThanOrEqual(0);
  }
  expect(app.problems).toEqual([]);
});

test('the language is found from the address and can be switched', async ({ page }) => {
  const app = new App(page, 'zh');
  await app.open('wasm', 'zh');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  expect(await violations(page)).toEqual([]);
});

test('nothing is asked of any other address', async ({ page, baseURL }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== baseURL && !['blob:', 'data:'].includes(protocol)) elsewhere.push(request.url());
  });
  const app = new App(page);
  await app.open('wasm');
  await page.getByRole('button', { name: app.t.data.trySample }).click();
  await expect(app.table(app.t.data.tableCaption)).toBeVisible({ timeout: 60_000 });
  expect(elsewhere).toEqual([]);
});
