/** On the CPU: a zip with Chinese names, a run, a reload, and everything is still there. */
import { expect, test } from '@playwright/test';
import { makeZip } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';
import { paintedClasses } from './painted.ts';

const classes = ['柠檬', '苹果', '香蕉'];

test('trains on a GBK zip, and the run survives a reload', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  const files = await paintedClasses(page, { classes, train: 6, val: 3, size: 48 });
  const zip = makeZip([
    ...files.map(({ path, data }) => ({
      name: `水果/${path}`,
      data,
      encoding: 'gb18030' as const,
      flag: false,
    })),
    { name: '__MACOSX/水果/._x', data: 'x', encoding: 'gb18030', flag: false },
  ]);
  await app.importZip(zipNamed('水果.zip', zip));
  const table = app.table(app.t.data.tableCaption);
  for (const name of classes) {
    await expect(table.getByRole('row').filter({ hasText: name })).toContainText('6');
  }

  await app.train('head', { imageSize: 32, epochs: 8, batchSize: 6, views: 2, learningRate: 0.01 });
  await app.trained(120_000);
  await expect(app.table(app.t.train.table.caption).getByRole('row')).toHaveCount(9);

  await page.reload();
  await app.go('evaluate');
  await expect(app.table(app.t.evaluate.matrix.caption)).toBeVisible();
  await app.go('use');
  const report = await app.downloadReport();
  expect(report.dataset.classes).toEqual(classes);
  expect(report.dataset.counts).toEqual({ train: 18, val: 9, test: 0 });
  expect(report.dataset.skipped.map(({ reason }) => reason)).toEqual(['litter']);
  expect(report.epochs).toHaveLength(8);
  expect(report.epochs.at(-1)?.trainLoss).toBeLessThan(report.epochs[0]?.trainLoss ?? 0);
  expect(report.predictions.map(({ path }) => path).sort()).toEqual(
    files
      .map(({ path }) => path)
      .filter((path) => path.startsWith('val/'))
      .sort(),
  );

  const weights = await app.downloadWeights();
  expect(Object.keys(weights).sort()).toEqual(
    expect.arrayContaining([
      'labels.json',
      'metrics.csv',
      'model.safetensors',
      'predict.py',
      'preprocess.json',
    ]),
  );

  const photo = files.find(({ path }) => path.startsWith('val/香蕉'));
  await page.getByLabel(app.t.use.trial.pick).setInputFiles({
    name: 'try.png',
    mimeType: 'image/png',
    buffer: Buffer.from(photo?.data ?? []),
  });
  const top = page.getByRole('list', { name: app.t.use.trial.top('try.png') });
  await expect(top.getByRole('listitem')).toHaveCount(3);
  const predicted = report.predictions.find(({ path }) => path === photo?.path);
  await expect(top.getByRole('listitem').first()).toContainText(
    classes[predicted?.predicted ?? -1] ?? 'nothing',
  );
  expect(app.problems).toEqual([]);
});

test('a dataset can be deleted, and stays deleted', async ({ page }) => {
  const app = new App(page);
  await app.open('wasm');
  const files = await paintedClasses(page, { classes: ['a', 'b'], train: 3, val: 2, size: 16 });
  await app.importZip(zipNamed('two.zip', makeZip(files.map((f) => ({ name: f.path, ...f })))));
  await page.getByRole('button', { name: app.t.data.deleteNamed('two') }).click();
  await page.getByRole('dialog').getByRole('button', { name: app.t.data.deleteConfirm }).click();
  await expect(app.table(app.t.data.tableCaption)).toBeHidden();
  await page.reload();
  await expect(page.getByLabel(app.t.data.pickZip)).toBeAttached();
  await expect(page.getByRole('button', { name: app.t.data.openNamed('two') })).toBeHidden();
});
