/** On WebGPU (emulated on the CPU), from the built-in sample to weights that say the same outside. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { makeZip } from '../support/zips.ts';
import { App, zipNamed } from './app.ts';
import { decodeInPage, predictWithPackage } from './exported.ts';

/** 4 classes, 8 training and 4 validation pictures each, out of the sample that the app ships. */
function smallSample(): Record<string, Uint8Array> {
  const all = unzipSync(readFileSync(new URL('../../public/sample/sample.zip', import.meta.url)));
  const names = Object.keys(all).sort();
  const classOf = (name: string) => name.split('/').at(-2) ?? '';
  const classes = [...new Set(names.map(classOf))].filter(Boolean).slice(0, 4);
  const picked = classes.flatMap((name) =>
    (['train', 'val'] as const).flatMap((split) =>
      names
        .filter((path) => path.includes(`${split}/${name}/`) && !path.endsWith('/'))
        .slice(0, split === 'train' ? 8 : 4),
    ),
  );
  return Object.fromEntries(picked.map((path) => [path, all[path] ?? new Uint8Array()]));
}

test('the sample is one click away', async ({ page }) => {
  const app = new App(page);
  await app.open('webgpu');
  await page.getByRole('button', { name: app.t.data.trySample }).click();
  await expect(app.table(app.t.data.tableCaption).getByRole('row')).toHaveCount(8);
  expect(app.problems).toEqual([]);
});

test('head only, then all layers; the exported weights predict what the page did', async ({
  page,
}) => {
  test.setTimeout(600_000);
  const app = new App(page);
  await app.open('webgpu');
  const pictures = smallSample();
  const zip = makeZip(Object.entries(pictures).map(([name, data]) => ({ name, data })));
  await app.importZip(zipNamed('sample.zip', zip));

  const small = { imageSize: 64, augment: 'none', views: 1, batchSize: 8, numWorkers: 2 } as const;
  await app.train('head', { ...small, epochs: 6 });
  await app.trained(240_000);
  await app.go('use');
  const head = await app.downloadReport();
  expect(head.device.backend).toBe('webgpu');
  expect(head.dataset.counts).toEqual({ train: 32, val: 16, test: 0 });
  expect(head.epochs.at(-1)?.trainLoss).toBeLessThan(0.8 * (head.epochs[0]?.trainLoss ?? 0));

  await app.train('all', { epochs: 1, learningRate: 0.001 });
  await app.trained(500_000);
  await app.go('use');
  const report = await app.downloadReport();
  expect(report.config.strategy).toBe('all');
  expect(report.gpu?.dispatchesPerStep).toBeGreaterThan(100);
  expect(report.gpu?.dispatchesPerStep).toBeLessThan(500); // stock TF.js: thousands
  // A head that knows nothing starts at ln 4.
  expect(report.epochs[0]?.trainLoss).toBeLessThan(Math.log(4));

  const files = await app.downloadWeights();
  const decoded = [];
  for (const { path } of report.predictions) {
    decoded.push(await decodeInPage(page, pictures[path] ?? new Uint8Array()));
  }
  const again = await predictWithPackage(files, report.config.backbone, decoded);
  const differences = report.predictions.flatMap(({ probabilities }, i) =>
    probabilities.map((p, c) => Math.abs(p - (again[i]?.[c] ?? NaN))),
  );
  expect(Math.max(...differences)).toBeLessThan(1e-3);
  expect(app.problems).toEqual([]);
});
