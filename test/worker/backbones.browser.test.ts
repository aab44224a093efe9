/** Weights that a person gives: checked, kept, used, and kept for the runs that stand on them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  codeOf,
  smallConfig,
  startTrainer,
  storeColours,
  train,
  type TrainerHandle,
} from './support.ts';

const backbone = 'efficientnet_lite0';
let trainer: TrainerHandle;

beforeEach(async () => {
  trainer = startTrainer();
  await trainer.api.call('device.choose', { preference: 'wasm' });
});
afterEach(() => trainer.worker.terminate());

const find = async () =>
  (await trainer.api.call('backbones.list', null)).find(({ name }) => name === backbone);

it('lists what can be fine-tuned, with what is known of it', async () => {
  const list = await trainer.api.call('backbones.list', null);
  expect(list.map(({ name, weights }) => [name, weights.source])).toEqual([
    [backbone, 'app'],
    ['resnet18', 'none'],
    ['mobilenet_v2', 'none'],
  ]);
  const [lite0, resnet18, mobilenetV2] = list;
  expect(lite0).toMatchObject({ features: 1280, parameters: 3_371_008 });
  expect(resnet18).toMatchObject({ features: 512, parameters: 11_176_512 });
  expect(mobilenetV2).toMatchObject({ features: 1280, parameters: 2_223_872 });
  expect(resnet18?.macs).toBeGreaterThan(1.8e9);
});

it('refuses a file that is none, and one of another network', async () => {
  const { api } = trainer;
  const text = new File(['text'], 'model.pth');
  const format = api.call('backbones.addWeights', { backbone, file: text });
  expect(await codeOf(format)).toBe('weights-format');
  const bytes = await (await fetch('/backbones/efficientnet_lite0.safetensors')).blob();
  const file = new File([bytes], 'lite0.safetensors');
  const mismatch = api.call('backbones.addWeights', { backbone: 'resnet18', file });
  expect(await codeOf(mismatch)).toBe('weights-mismatch');
  expect(await api.call('backbones.list', null)).toMatchObject([
    { weights: { source: 'app' } },
    { weights: { source: 'none' } },
    { weights: { source: 'none' } },
  ]);
});

it('keeps given weights for as long as a head stands on them', async () => {
  const { api } = trainer;
  const bytes = await (await fetch('/backbones/efficientnet_lite0.safetensors')).blob();
  const file = new File([bytes], 'lite0.safetensors');
  const weights = { source: 'file', fileName: file.name, bytes: file.size };
  expect(await api.call('backbones.addWeights', { backbone, file })).toMatchObject({ weights });
  expect(await find()).toMatchObject({ weights });

  const dataset = await storeColours(4, 2);
  const { run } = await train(api, smallConfig(dataset));
  await api.call('backbones.deleteWeights', { backbone });
  expect(await find()).toMatchObject({ weights: { source: 'app' } });
  const exported = await api.call('export.package', { runId: run.id, format: 'safetensors' });
  expect(exported.zip.size).toBeGreaterThan(3_300_000 * 4);
  await api.call('runs.delete', { id: run.id });
  const gone = api.call('export.package', { runId: run.id, format: 'safetensors' });
  expect(await codeOf(gone)).toBe('run-not-found');
});
