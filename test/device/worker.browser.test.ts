/** The device in a real worker, which is where the app uses it. */
import { describe, expect, it } from 'vitest';
import type { DevicePreference } from '../../src/protocol/device.ts';

function ask(preference: DevicePreference): Promise<unknown> {
  const worker = new Worker(new URL('./device.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', (event) => reject(new Error(event.message)));
    worker.postMessage(preference);
  }).finally(() => worker.terminate());
}

describe('chooseDevice in a worker', () => {
  it('computes on WASM with the SIMD binary of this origin and no other', async () => {
    const answer = await ask('wasm');
    expect(answer).toMatchObject({ info: { backend: 'wasm' }, value: 48 ** 3 });
    const { fetched } = answer as { fetched: string[] };
    expect(new Set(fetched.map((url) => new URL(url).origin))).toEqual(new Set([location.origin]));
    expect(fetched.every((url) => url.includes('tfjs-backend-wasm-simd'))).toBe(true);
  });

  it('computes on WebGPU', async () => {
    expect(await ask('webgpu')).toMatchObject({ info: { backend: 'webgpu' }, value: 48 ** 3 });
  });
});
