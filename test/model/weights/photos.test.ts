import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readSafetensors } from '../../../src/model/weights/safetensors.ts';
import golden from '../../golden/photos/logits.json' with { type: 'json' };
import { useBackend } from '../../support/backends.ts';
import { expectGoldenLogits } from './photos.ts';

it("gives timm's logits on four photos, on WASM", async () => {
  await useBackend('wasm');
  const name = 'efficientnet_lite0.safetensors';
  const { tensors } = readSafetensors(readFileSync(`public/backbones/${name}`), name);
  const card = JSON.parse(readFileSync('public/backbones/efficientnet_lite0.json', 'utf8'));
  const names = golden.full.top.map((label) => card.classes[label]);
  expect(names).toEqual(['tiger cat', 'espresso', 'football helmet', 'missile']);
  await expectGoldenLogits(tensors, readFileSync('test/golden/photos/photos.bin'), 'full');
});
