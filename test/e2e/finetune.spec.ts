/** `npm run finetune`: the page's work, its files and its errors, for people who script. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { dictionaries } from '../../src/i18n/dictionaries.ts';
import type { Report } from '../../src/protocol/report.ts';
import { makeZip } from '../support/zips.ts';
import { badZips } from './bad-zips.ts';
import { paintedClasses } from './painted.ts';

const folder = mkdtempSync(join(tmpdir(), 'graft-finetune-'));

interface Ended {
  code: number;
  output: string;
}

function finetune(...options: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'src/cli/finetune.ts', ...options],
      { timeout: 600_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

test('writes the package and the report', async ({ page }) => {
  const classes = ['猫', '狗'];
  const files = await paintedClasses(page, { classes, train: 6, val: 3, size: 40 });
  const zip = join(folder, 'two.zip');
  writeFileSync(zip, makeZip(files.map((file) => ({ name: file.path, ...file }))));
  const out = join(folder, 'out');
  const small = ['--image-size', '32', '--epochs', '3', '--batch-size', '4', '--seed', '7'];
  const { code, output } = await finetune(
    ...['--zip', zip, '--out', out, '--device', 'wasm', '--lang', 'zh', ...small],
  );
  expect(output).toContain(dictionaries.zh.train.table.epoch);
  expect(code).toBe(0);

  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
  expect(report.dataset.classes).toEqual(['狗', '猫'].sort());
  expect(report.config).toMatchObject({ strategy: 'head', imageSize: 32, epochs: 3, seed: 7 });
  expect(report.device.backend).toBe('wasm');
  expect(report.gpu).toBeNull();
  expect(report.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(report.confusion.flat().reduce((a, b) => a + b)).toBe(6);
  const right = report.predictions.filter(({ label, predicted }) => label === predicted).length;
  expect(report.best.valTop1).toBeCloseTo(right / 6, 6);
  expect(report.best.interval[0]).toBeLessThan(report.best.valTop1 + 1e-9);
  for (const name of ['model.safetensors', 'labels.json', 'preprocess.json', 'predict.py']) {
    expect(existsSync(join(out, 'exports', 'safetensors', name)), name).toBe(true);
  }
});

test("fails with the app's own sentence", async () => {
  test.setTimeout(240_000);
  for (const { title, name, file, sentence } of badZips) {
    await test.step(title, async () => {
      const zip = join(folder, name);
      writeFileSync(zip, file);
      const { code, output } = await finetune('--zip', zip, '--out', folder, '--device', 'wasm');
      expect(output).toContain(sentence(dictionaries.en));
      expect(code).not.toBe(0);
    });
  }
});

test('refuses by name what does not exist yet', async () => {
  const common = ['--zip', 'x.zip', '--out', folder];
  for (const [option, value] of [
    ['--strategy', 'gradual'],
    ['--recipe', 'r.json'],
    ['--unfreeze', 'layer4'],
    ['--export', 'onnx'],
    ['--backbone', 'vgg16'],
    ['--colour', 'red'],
  ] as const) {
    const { code, output } = await finetune(...common, option, value);
    expect(output).toContain(value === 'red' ? option : option.slice(2));
    expect(code).not.toBe(0);
  }
});

const fruit = '../shared/data/fruit8_split_gbk.zip';

test('reaches 0.94 on real photos of fruit with Chinese names, head only', async () => {
  test.skip(!existsSync(fruit), `${fruit} is not here`);
  test.setTimeout(600_000);
  const out = join(folder, 'fruit');
  const { code } = await finetune('--zip', fruit, '--out', out, '--device', 'wasm');
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
  const names = ['梨', '橙子', '牛油果', '猕猴桃', '甜瓜', '柠檬', '苹果', '香蕉'];
  expect(report.dataset.classes).toEqual([...names].sort());
  expect(report.dataset.counts).toEqual({ train: 224, val: 96, test: 0 });
  expect(report.dataset.skipped.map(({ reason }) => reason).sort()).toEqual([
    'litter',
    'litter',
    'litter',
    'not-an-image',
  ]);
  expect(report.epochs).toHaveLength(20);
  expect(report.best.valTop1).toBeGreaterThanOrEqual(0.94);
});
