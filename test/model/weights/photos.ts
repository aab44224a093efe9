/**
 * What `photos.test.ts` (WASM) and `photos.browser.test.ts` (WebGPU) both assert: the shipped
 * EfficientNet-Lite0 gives timm's logits on real photos (test/golden/photos/make_photos.py).
 */
import * as tf from '@tensorflow/tfjs-core';
import { unzlibSync } from 'fflate';
import { expect } from 'vitest';
import { backbones } from '../../../src/model/backbones/index.ts';
import { createNetwork } from '../../../src/model/network.ts';
import type { StateDict } from '../../../src/model/state-dict.ts';
import { createRandom } from '../../../src/util/random.ts';
import golden from '../../golden/photos/logits.json' with { type: 'json' };
import { expectNoLeak } from '../../support/tensors.ts';

const { efficientnet_lite0: lite0 } = backbones;

const photoSize = 224; // px

/** The largest difference of a logit; logits here reach 10. */
const tolerance = 1e-3;

export async function expectGoldenLogits(
  state: StateDict,
  photos: Uint8Array,
  part: keyof typeof golden,
): Promise<void> {
  const { size, top, logits: expected } = golden[part];
  await expectNoLeak(async () => {
    const network = createNetwork(lite0, 1000, createRandom(1));
    network.loadStateDict(state);
    const x = normalized(unzlibSync(photos), size);
    const features = await network.features(x);
    const scores = network.head(features);
    const logits = (await scores.array()) as number[][]; // [4, 1000]
    tf.dispose([x, features, scores]);
    network.dispose();

    expect(logits).toHaveLength(expected.length);
    for (const [i, row] of logits.entries()) {
      const differences = row.map((value, j) => Math.abs(value - (expected[i]?.[j] ?? NaN)));
      expect(Math.max(...differences), `photo ${i}`).toBeLessThan(tolerance);
      expect(row.indexOf(Math.max(...row))).toBe(top[i]);
    }
  });
}

/** uint8 RGB → the middle `size` px as [4, size, size, 3], by the backbone's mean and deviation. */
function normalized(pixels: Uint8Array, size: number): tf.Tensor4D {
  const { mean, std } = lite0.preprocessing;
  const count = pixels.length / (photoSize * photoSize * 3);
  const start = (photoSize - size) / 2;
  const values = Float32Array.from(pixels, (value, i) => {
    const channel = i % 3;
    return (value / 255 - (mean[channel] ?? NaN)) / (std[channel] ?? NaN);
  });
  return tf.tidy(() => {
    const whole = tf.tensor4d(values, [count, photoSize, photoSize, 3]);
    return tf.slice4d(whole, [0, start, start, 0], [count, size, size, 3]);
  });
}
