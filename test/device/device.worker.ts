/** Chooses a device inside a worker, computes, and reports; for `worker.browser.test.ts`. */
import * as tf from '@tensorflow/tfjs-core';
import type { DevicePreference } from '../../src/protocol/device.ts';
import { chooseDevice } from '../../src/device/choose.ts';

async function answer(preference: DevicePreference): Promise<unknown> {
  const info = await chooseDevice(preference);
  const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([48, 48]), tf.ones([48, 48]))));
  const value = (await sum.data())[0];
  const fetched = performance
    .getEntriesByType('resource')
    .map(({ name }) => name)
    .filter((name) => name.includes('.wasm'));
  return { info, value, fetched };
}

self.addEventListener('message', ({ data }: MessageEvent<DevicePreference>) => {
  answer(data).then(
    (result) => self.postMessage(result),
    (error: unknown) => self.postMessage({ error: String(error) }),
  );
});
