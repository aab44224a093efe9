import { expect, it } from 'vitest';
import { chooseDevice } from '../../../src/device/choose.ts';
import { backbones } from '../../../src/model/backbones/index.ts';
import { loadShipped } from '../../../src/model/weights/shipped.ts';
import photosUrl from '../../golden/photos/photos.bin?url';
import { expectGoldenLogits } from './photos.ts';

it("gives timm's logits on the middle of photos with the app's own weights, on WebGPU", async () => {
  expect(await chooseDevice('webgpu')).toMatchObject({ backend: 'webgpu' });
  const state = await loadShipped(backbones.efficientnet_lite0);
  const photos = await (await fetch(photosUrl)).arrayBuffer();
  await expectGoldenLogits(state, new Uint8Array(photos), 'middle');
});
