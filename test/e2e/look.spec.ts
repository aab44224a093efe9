/** Every step is readable by everyone, at every width, in both themes, and never freezes. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { makeZip } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';
import { paintedClasses } from './painted.ts';

const steps = ['data', 'model', 'train', 'evaluate', 'use'] as const;

/** Main-thread tasks over 50 ms since the page was opened, as the browser reports them. */
async function watchLongTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask', buffered: true });
  });
}

async function longTasks(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0),
  );
}

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

test('all five steps, by themselves and after a run', async ({ page }) => {
  await watchLongTasks(page);
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
  await longTasks(page);
  await app.train('head', { imageSize: 64, epochs: 20, batchSize: 8, views: 2 });
  await app.trained(180_000);
  // What the page did while the trainer worked; painting the pictures above was the test's own.
  expect((await longTasks(page)).filter((ms) => ms > 50)).toEqual([]);

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

test('nothing is asked of any other address', async ({ page }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    const own = url.origin === new URL(page.url() || request.url()).origin;
    if (!own && !['blob:', 'data:'].includes(url.protocol)) elsewhere.push(request.url());
  });
  const app = new App(page);
  await app.open('wasm');
  await page.getByRole('button', { name: app.t.data.trySample }).click();
  await expect(app.table(app.t.data.tableCaption)).toBeVisible({ timeout: 60_000 });
  expect(elsewhere).toEqual([]);
});
