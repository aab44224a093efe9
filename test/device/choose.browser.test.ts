/** Runs in Chromium with its software WebGPU adapter. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { assertBackend, chooseDevice, gpuDevice } from '../../src/device/choose.ts';
import { createGpuCounter } from '../../src/device/counters.ts';
import { onDeviceLost, onGpuError } from '../../src/device/lost.ts';
import { memoryInfo } from '../../src/device/memory.ts';

async function sumOfProduct(size: number): Promise<number> {
  const sum = tf.tidy(() => tf.sum(tf.matMul(tf.ones([size, size]), tf.ones([size, size]))));
  const value = (await sum.data())[0] ?? NaN;
  sum.dispose();
  return value;
}

function device(): GPUDevice {
  const found = gpuDevice();
  if (found === null) throw new Error('no GPU device');
  return found;
}

afterEach(() => vi.restoreAllMocks());

describe('chooseDevice', () => {
  it('prefers WASM to an emulated GPU, and says why', async () => {
    const info = await chooseDevice('auto');
    expect(info).toEqual({
      backend: 'wasm',
      adapter: 'CPU (WASM SIMD)',
      software: false,
      reason: 'software-adapter',
    });
    expect(tf.getBackend()).toBe('wasm');
    expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
    expect(await sumOfProduct(32)).toBe(32 ** 3);
    expect(memoryInfo().gpuBytes).toBeNull();
  });

  it('takes an emulated GPU when asked, with the limits of the adapter', async () => {
    const info = await chooseDevice('webgpu');
    expect(info).toMatchObject({ backend: 'webgpu', software: true, reason: 'asked' });
    expect(info.adapter).toContain('swiftshader');
    expect(tf.getBackend()).toBe('webgpu');
    const adapter = await navigator.gpu.requestAdapter();
    expect(device().limits.maxStorageBufferBindingSize).toBe(
      adapter?.limits.maxStorageBufferBindingSize,
    );
    expect(device().limits.maxBufferSize).toBeGreaterThan(256 * 2 ** 20); // the default
    expect(await sumOfProduct(32)).toBe(32 ** 3);
  });

  it('keeps the device while the wish is the same, and goes to and fro', async () => {
    await chooseDevice('webgpu');
    const first = device();
    await chooseDevice('webgpu');
    expect(device()).toBe(first);
    await chooseDevice('wasm');
    expect(gpuDevice()).toBeNull();
    expect(await sumOfProduct(8)).toBe(512);
    await chooseDevice('webgpu');
    expect(device()).not.toBe(first);
    expect(await sumOfProduct(32)).toBe(32 ** 3);
  });

  it('lets calls at the same time wait for each other', async () => {
    const infos = await Promise.all([chooseDevice('wasm'), chooseDevice('webgpu')]);
    expect(infos.map(({ backend }) => backend)).toEqual(['wasm', 'webgpu']);
    expect(tf.getBackend()).toBe('webgpu');
  });

  it('falls to WASM where there is no adapter, and fails where WebGPU was asked for', async () => {
    await chooseDevice('wasm');
    vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
    expect(await chooseDevice('auto')).toMatchObject({ backend: 'wasm', reason: 'no-adapter' });
    await expect(chooseDevice('webgpu')).rejects.toMatchObject({
      code: 'webgpu-unavailable',
      params: { reason: 'no-adapter' },
    });
    expect(await chooseDevice('wasm')).toMatchObject({ backend: 'wasm', reason: 'asked' });
  });

  it('falls to WASM when a real GPU cannot be opened', async () => {
    await chooseDevice('wasm');
    const adapter = await navigator.gpu.requestAdapter();
    if (adapter === null) throw new Error('no adapter');
    vi.spyOn(adapter, 'info', 'get').mockReturnValue({
      ...adapter.info,
      vendor: 'nvidia',
      architecture: 'lovelace',
      description: '',
      isFallbackAdapter: false,
    } as GPUAdapterInfo);
    vi.spyOn(adapter, 'requestDevice').mockRejectedValue(new Error('driver says no'));
    vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(adapter);
    expect(await chooseDevice('auto')).toMatchObject({ backend: 'wasm', reason: 'gpu-failed' });
  });
});

describe('assertBackend', () => {
  it('throws when TF.js went elsewhere', async () => {
    const info = await chooseDevice('wasm');
    assertBackend(info);
    expect(() => assertBackend({ ...info, backend: 'webgpu' })).toThrow(/backend-changed.*wasm/);
  });
});

describe('counters', () => {
  it('count dispatches, submits and bytes of a computation', async () => {
    await chooseDevice('webgpu');
    await sumOfProduct(64); // buffers are in the pool
    const counter = createGpuCounter();
    const before = memoryInfo();
    await sumOfProduct(64);
    const counts = counter.read();
    expect(counts.dispatches).toBeGreaterThanOrEqual(2); // the product, the sum
    expect(counts.dispatches).toBeLessThan(10);
    expect(counts.submits).toBeGreaterThanOrEqual(1);
    expect(counts.peakBytes).toBeGreaterThanOrEqual(3 * 64 * 64 * 4);
    expect(memoryInfo()).toEqual(before);
    counter.reset();
    expect(counter.read()).toMatchObject({ dispatches: 0, submits: 0, buffers: 0 });
  });

  it('follow buffers as they are made and destroyed, once', async () => {
    await chooseDevice('webgpu');
    const counter = createGpuCounter();
    const held = memoryInfo().gpuBytes ?? NaN;
    const buffer = device().createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE });
    expect(memoryInfo().gpuBytes).toBe(held + 4096);
    buffer.destroy();
    buffer.destroy();
    expect(memoryInfo().gpuBytes).toBe(held);
    expect(counter.read()).toMatchObject({ buffers: 1, peakBytes: held + 4096 });
  });

  it('stay at 0 on WASM', async () => {
    await chooseDevice('wasm');
    const counter = createGpuCounter();
    await sumOfProduct(16);
    expect(counter.read()).toEqual({
      dispatches: 0,
      submits: 0,
      buffers: 0,
      bindGroups: 0,
      uploadBytes: 0,
      readBacks: 0,
      bytes: 0,
      peakBytes: 0,
    });
  });
});

describe('a device in trouble', () => {
  it('tells of invalid commands', async () => {
    await chooseDevice('webgpu');
    const told = new Promise<string>((resolve) => {
      const stop = onGpuError((detail) => {
        stop();
        resolve(detail);
      });
    });
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE; // not allowed together
    device().createBuffer({ size: 16, usage });
    await sumOfProduct(32); // errors travel with the next commands
    expect(await told).toMatch(/usage/i);
  });

  it('tells of a loss, and a new one is opened at the next call', async () => {
    await chooseDevice('webgpu');
    const first = device();
    const told = new Promise<string>((resolve) => {
      const stop = onDeviceLost((detail) => {
        stop();
        resolve(detail);
      });
    });
    first.destroy(); // not through us
    expect(await told).not.toBe('');
    expect(await chooseDevice('webgpu')).toMatchObject({ backend: 'webgpu' });
    expect(device()).not.toBe(first);
    expect(await sumOfProduct(32)).toBe(32 ** 3);
  });

  it('keeps a loss for who listens later, until there is another device', async () => {
    await chooseDevice('webgpu');
    const first = device();
    first.destroy();
    await first.lost;
    const early = vi.fn();
    onDeviceLost(early)();
    expect(early).toHaveBeenCalledOnce();

    await chooseDevice('webgpu');
    const second = device();
    second.destroy();
    await second.lost;
    await chooseDevice('webgpu');
    const late = vi.fn();
    onDeviceLost(late)();
    expect(late).not.toHaveBeenCalled();
  });

  it('says so when memory has run out', async () => {
    await chooseDevice('webgpu');
    const told = new Promise<string>((resolve) => {
      const stop = onGpuError((detail) => {
        stop();
        resolve(detail);
      });
    });
    const error = new GPUOutOfMemoryError('no room');
    device().dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
    expect(await told).toBe('out of memory: no room');
  });

  it('does not tell of a device that was given back', async () => {
    await chooseDevice('webgpu');
    const listener = vi.fn();
    const stop = onDeviceLost(listener);
    const old = device();
    await chooseDevice('wasm');
    await old.lost;
    stop();
    expect(listener).not.toHaveBeenCalled();
  });
});
