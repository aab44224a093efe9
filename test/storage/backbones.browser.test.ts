import { beforeEach, describe, expect, it } from 'vitest';
import {
  currentWeights,
  forgetCurrent,
  pruneWeights,
  putWeights,
  weightsById,
  type WeightsInfo,
} from '../../src/storage/backbones.ts';
import { store } from '../../src/storage/database.ts';

const info = (id: string, change: Partial<WeightsInfo> = {}): WeightsInfo => ({
  version: 1,
  id,
  backbone: 'resnet18',
  fileName: `${id}.pth`,
  bytes: 8,
  ...change,
});
const state = (value: number) =>
  new Map([['fc.bias', { shape: [1], data: Float32Array.of(value) }]]);

beforeEach(() =>
  store('backbones')('readwrite', (objectStore) => {
    objectStore.clear();
  }),
);

describe('backbone weights', () => {
  it('are found by their backbone, and by what they hold', async () => {
    expect(await currentWeights('resnet18')).toBeNull();
    await putWeights(info('aa'), state(1));
    await putWeights(info('bb', { backbone: 'efficientnet_lite0' }), state(2));
    expect(await currentWeights('resnet18')).toEqual(info('aa'));
    expect(await weightsById('aa')).toEqual(state(1));
    expect(await weightsById('bb')).toEqual(state(2));
  });

  it('stay while a run stands on them, and only so long', async () => {
    await putWeights(info('aa'), state(1));
    await putWeights(info('bb'), state(2));
    await pruneWeights(new Set(['aa']));
    expect(await weightsById('aa')).toEqual(state(1));
    await pruneWeights(new Set());
    expect(await weightsById('aa')).toBeNull();
    expect(await currentWeights('resnet18')).toEqual(info('bb')); // the current ones stay anyway
    expect(await weightsById('bb')).toEqual(state(2));
  });

  it('are forgotten', async () => {
    await putWeights(info('aa'), state(1));
    await forgetCurrent('resnet18');
    await pruneWeights(new Set());
    expect(await currentWeights('resnet18')).toBeNull();
    expect(await weightsById('aa')).toBeNull();
  });
});
