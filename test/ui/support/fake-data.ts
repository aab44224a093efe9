/** Datasets and backbones as the workers would tell of them. */
import type { BackboneInfo } from '../../../src/protocol/backbone.ts';
import type { Dataset, Sample } from '../../../src/protocol/dataset.ts';
import type { Handlers } from '../../../src/protocol/rpc.ts';
import type { ImportApi } from '../../../src/protocol/import-api.ts';
import { redSquare } from './show.ts';

export function fakeDataset(changes: Partial<Dataset> = {}): Dataset {
  return {
    version: 1,
    id: 'data-1',
    name: 'fruit',
    createdAt: Date.UTC(2026, 4, 17, 9, 30),
    source: { kind: 'zip', name: 'fruit.zip', bytes: 5_597_147 },
    classes: ['苹果', '香蕉'],
    counts: { train: 5, val: 3, test: 0 },
    classCounts: { train: [3, 2], val: [2, 1], test: [0, 0] },
    splitOrigin: 'folders',
    splitSeed: 0,
    encoding: { used: 'gb18030', guessed: 'gb18030', matters: true },
    skipped: [
      { name: 'fruit/Thumbs.db', reason: 'litter' },
      { name: 'fruit/train/苹果/note.jpg', reason: 'text-named-image' },
    ],
    bytes: 1_234_567,
    importMs: 640,
    ...changes,
  };
}

export function samplesOf(dataset: Dataset): Sample[] {
  const samples: Sample[] = [];
  for (const split of ['train', 'val', 'test'] as const) {
    dataset.classCounts[split].forEach((count, label) => {
      for (let i = 0; i < count; i++) {
        const id = samples.length;
        samples.push({ id, path: `${split}/${id}.jpg`, label, split, width: 8, height: 8 });
      }
    });
  }
  return samples;
}

/** An import worker that keeps these datasets. */
export function fakeImporter(datasets: Dataset[]): Partial<Handlers<ImportApi>> {
  const find = (id: string): Dataset => datasets.find((one) => one.id === id) ?? fakeDataset();
  return {
    'datasets.list': () => datasets,
    'datasets.delete': ({ id }) => {
      datasets = datasets.filter((one) => one.id !== id);
      return null;
    },
    'datasets.samples': ({ id }) => samplesOf(find(id)),
    'datasets.photos': ({ ids }) => Promise.all(ids.map(redSquare)),
    'storage.estimate': () => ({ usageBytes: 2e6, quotaBytes: 1e9, persisted: true }),
  };
}

export const lite0: BackboneInfo = {
  name: 'efficientnet_lite0',
  title: 'EfficientNet-Lite0',
  parameters: 3_371_712,
  macs: 384e6,
  features: 1280,
  weights: { source: 'app', bytes: 9_600_000 },
};
export const resnet18: BackboneInfo = {
  name: 'resnet18',
  title: 'ResNet-18',
  parameters: 11_176_512,
  macs: 1_814e6,
  features: 512,
  weights: { source: 'none' },
};
