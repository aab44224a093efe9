/** Step 2: choices, settings with their limits, and a start that is never blocked without a word. */
import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { Handlers } from '../../../src/protocol/rpc.ts';
import type { RunConfig } from '../../../src/protocol/run.ts';
import type { TrainerApi } from '../../../src/protocol/trainer-api.ts';
import type { Session } from '../../../src/session/context.ts';
import ModelScreen from '../../../src/ui/model/ModelScreen.svelte';
import { fakeDataset, fakeImporter, lite0, resnet18 } from '../support/fake-data.ts';
import { wasm } from '../support/fake-runs.ts';
import { show } from '../support/show.ts';

const t = i18n.t.model;

async function open(
  trainer: Partial<Handlers<TrainerApi>> = {},
  { data = true } = {},
): Promise<Session> {
  const session = await show(ModelScreen, {
    importer: fakeImporter(data ? [fakeDataset()] : []),
    trainer: {
      'device.choose': () => wasm,
      'backbones.list': () => [lite0, resnet18],
      ...trainer,
    },
  });
  await Promise.all([session.datasets.load(), session.device.choose(), session.backbones.load()]);
  if (data) session.datasets.open('data-1');
  return session;
}

const start = page.getByRole('button', { name: t.start });
const field = (name: keyof typeof t.settings) =>
  page.getByRole('spinbutton', { name: t.settings[name].label });

describe('start', () => {
  test('hands the settings to the trainer and goes to step 3', async () => {
    const started: RunConfig[] = [];
    const session = await open({
      'train.start': ({ config }) => {
        started.push(config);
        return new Promise(() => undefined);
      },
    });
    await page.getByRole('radio', { name: t.strategies.all.title }).click();
    await page.getByText(t.advanced).click();
    await field('epochs').fill('3');
    await field('imageSize').fill('128');
    await page.getByRole('combobox', { name: t.augment.label }).selectOptions('none');
    await start.click();
    await expect.poll(() => started).toHaveLength(1);
    expect(started[0]).toMatchObject({
      datasetId: 'data-1',
      backbone: 'efficientnet_lite0',
      strategy: 'all',
      epochs: 3,
      learningRate: 1e-4,
      batchSize: 32,
      imageSize: 128,
      augment: 'none',
    });
    expect(session.app.step).toBe('train');
    session.app.go('data');
  });

  test('says that photos are missing', async () => {
    await open({}, { data: false });
    await expect.element(start).toHaveAccessibleDescription(t.blockedData);
    await expect.element(start).toHaveAttribute('aria-disabled', 'true');
    await expect.element(page.getByRole('link', { name: t.toData })).toBeVisible();
  });

  test('says that no device was found', async () => {
    await open({
      'device.choose': () => {
        throw new AppError('webgpu-unavailable', { reason: 'no adapter' });
      },
    });
    await expect.element(start).toHaveAccessibleDescription(t.blockedNoDevice);
  });

  test('says which weights are missing, and not when training from scratch', async () => {
    await open();
    await page.getByRole('radio', { name: 'ResNet-18' }).click();
    await expect.element(start).toHaveAccessibleDescription(t.blockedWeights('ResNet-18'));
    await page.getByRole('radio', { name: t.strategies.scratch.title }).click();
    await expect.element(start).not.toHaveAttribute('aria-disabled');
  });
});

describe('weights', () => {
  test('are taken from a file and named', async () => {
    const given: string[] = [];
    await open({
      'backbones.addWeights': ({ backbone, file }) => {
        given.push(backbone, file.name);
        return { ...resnet18, weights: { source: 'file', fileName: file.name, bytes: 46_800_000 } };
      },
    });
    await page.getByRole('radio', { name: 'ResNet-18' }).click();
    await page.getByLabelText(t.weightsPick).upload(new File(['…'], 'resnet18-f37072fd.pth'));
    await expect.element(page.getByText(/resnet18-f37072fd\.pth/)).toBeVisible();
    expect(given).toEqual(['resnet18', 'resnet18-f37072fd.pth']);
    await expect.element(page.getByRole('button', { name: t.weightsRemove })).toBeVisible();
  });

  test('that do not fit say what is wrong with them', async () => {
    await open({
      'backbones.addWeights': () => {
        throw new AppError('weights-mismatch', {
          backbone: 'resnet18',
          missing: 'layer4.1.bn2.weight',
          unexpected: '',
          wrongShape: '',
        });
      },
    });
    await page.getByRole('radio', { name: 'ResNet-18' }).click();
    await page.getByLabelText(t.weightsPick).upload(new File(['…'], 'vgg16.pth'));
    await expect.element(page.getByRole('alert')).toHaveTextContent('layer4.1.bn2.weight');
    await page.getByRole('radio', { name: lite0.title }).click();
    await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
  });
});

describe('settings', () => {
  test('follow the strategy: a learning rate for each', async () => {
    await open();
    await page.getByText(t.advanced).click();
    await expect.element(field('learningRate')).toHaveValue(0.001);
    await page.getByRole('radio', { name: t.strategies.all.title }).click();
    await expect.element(field('learningRate')).toHaveValue(0.0001);
    await page.getByRole('radio', { name: t.strategies.scratch.title }).click();
    await expect.element(field('learningRate')).toHaveValue(0.001);
  });

  test.each([
    ['epochs', '0', '1', '1000'],
    ['batchSize', '1', '2', '512'],
    ['imageSize', '31', '32', '640'],
    ['views', '2.5', '1', '32'],
    ['seed', '', '0', '4294967295'],
  ] as const)('%s cannot be %j', async (name, typed, min, max) => {
    await open();
    await page.getByText(t.advanced).click();
    await field(name).fill(typed);
    await expect.element(page.getByText(t.wanted(true, min, max))).toBeVisible();
    await expect.element(field(name)).toHaveAttribute('aria-invalid', 'true');
    await expect
      .element(start)
      .toHaveAccessibleDescription(t.blockedSettings(t.settings[name].label));
    await page.getByRole('button', { name: t.reset }).click();
    await expect.element(start).not.toHaveAttribute('aria-disabled');
  });

  test('views are asked for only where they are used', async () => {
    await open();
    await page.getByText(t.advanced).click();
    await expect.element(field('views')).toBeVisible();
    await page.getByRole('radio', { name: t.strategies.all.title }).click();
    await expect.element(field('views')).not.toBeInTheDocument();
  });
});
