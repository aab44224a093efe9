/**
 * Reads an exported model back without the app: our readers and our engine in node, on the files
 * that were downloaded. Only the pixels come from the browser, since node has no decoder.
 */
import type { Page } from '@playwright/test';
import * as tf from '@tensorflow/tfjs-core';
import { resizedSize } from '../../src/data/resize/geometry.ts';
import { resample, whole } from '../../src/data/resize/resample.ts';
import { evalTransform, type RgbPicture } from '../../src/data/transforms/presets.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import { createNetwork } from '../../src/model/network.ts';
import { readSafetensors } from '../../src/model/weights/safetensors.ts';
import type { BackboneName, Preprocessing } from '../../src/protocol/backbone.ts';
import { createRandom } from '../../src/util/random.ts';
import { useBackend } from '../support/backends.ts';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** Probabilities of each picture, [N][C], by the files of a downloaded package alone. */
export async function predictWithPackage(
  files: Record<string, Uint8Array>,
  backboneName: BackboneName,
  pictures: RgbPicture[],
): Promise<number[][]> {
  await useBackend('wasm');
  const preprocessing = JSON.parse(text(files['preprocess.json'])) as Preprocessing;
  const classes = Object.keys(JSON.parse(text(files['labels.json'])) as object).length;
  const { tensors } = readSafetensors(files['model.safetensors'] ?? new Uint8Array(), 'export');
  const network = createNetwork(backbones[backboneName], classes, createRandom(0));
  network.loadStateDict(tensors);
  const { resize, crop, interpolation } = preprocessing;
  const resized = pictures.map((picture) => {
    const to = resizedSize(picture, resize);
    const source = { ...picture, channels: 3 } as const;
    const data = resample(source, whole(source), to.width, to.height, interpolation);
    return { ...to, data };
  });
  const pixels = evalTransform(resized, crop, preprocessing);
  const x = tf.tensor4d(pixels, [pictures.length, crop, crop, 3]);
  const features = await network.features(x);
  const probabilities = tf.tidy(() => tf.softmax(network.head(features)));
  const rows = await probabilities.array();
  tf.dispose([x, features, probabilities]);
  network.dispose();
  return rows;
}

/** RGB over white, as the browser decodes it. */
export async function decodeInPage(page: Page, bytes: Uint8Array): Promise<RgbPicture> {
  const { width, height, data } = await page.evaluate(async (encoded) => {
    const blob = new Blob([Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0))]);
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('no canvas');
    context.fillStyle = 'white';
    context.fillRect(0, 0, bitmap.width, bitmap.height);
    context.drawImage(bitmap, 0, 0);
    const rgba = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    return {
      width: bitmap.width,
      height: bitmap.height,
      data: [...rgba.filter((_, i) => i % 4 < 3)],
    };
  }, Buffer.from(bytes).toString('base64'));
  return { width, height, data: Uint8Array.from(data) };
}
