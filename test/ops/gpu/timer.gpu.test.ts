/** Dispatches are timed with timestamps and without, run once each, and in order. */
import { describe, expect, it } from 'vitest';
import { readBack } from '../../../src/model/gpu/readback.ts';
import { copy } from '../../../src/ops/gpu/copy.wgsl.ts';
import { createUniforms, prepare } from '../../../src/ops/gpu/executor.ts';
import { createDispatchTimer } from '../../../src/ops/gpu/timer.ts';
import { installNodeGpu } from '../../support/dawn.ts';

const installed = await installNodeGpu();
const hasTimestamps = installed && (await openAdapter()).features.has('timestamp-query');
const timestamps: GPUFeatureName[] = hasTimestamps ? ['timestamp-query'] : [];
const bytes = 2 ** 20;

/** A fresh one a device: an adapter makes no second. */
async function openAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error('no adapter');
  return adapter;
}

async function timeCopies(requiredFeatures: GPUFeatureName[], count: number) {
  const device = await (await openAdapter()).requestDevice({ requiredFeatures });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = Array.from({ length: count + 1 }, () =>
    device.createBuffer({ size: bytes, usage }),
  );
  const [first] = buffers;
  if (first) device.queue.writeBuffer(first, 0, new Float32Array(bytes / 4).fill(7));
  const view = (index: number) => {
    const buffer = buffers[index];
    if (!buffer) throw new Error(`no buffer ${index}`);
    return { buffer, offset: 0, size: bytes };
  };
  const program = copy(bytes);
  const dispatches = Array.from({ length: count }, (_, i) => ({
    program,
    views: [view(i), view(i + 1)],
  }));
  const prepared = await prepare(device, dispatches, createUniforms(device));
  const timer = await createDispatchTimer(device);
  const times = await timer.time(prepared);
  const [last = new Float32Array()] = await readBack(device, [{ ...view(count), bytes }]);
  device.destroy();
  return { timer, times, last };
}

describe.skipIf(!installed)('on a GPU', () => {
  it.each([
    [hasTimestamps ? 'timestamps' : 'submits', timestamps],
    ['submits', []],
  ])('by %s', async (by, features) => {
    const { timer, times, last } = await timeCopies(features, 5);
    expect(timer.by).toBe(by);
    expect(times).toHaveLength(5);
    expect(times.every((ns) => Number.isFinite(ns) && ns >= 0)).toBe(true);
    expect(timer.grain).toBeGreaterThan(0);
    expect([last.length, last.every((value) => value === 7)]).toEqual([bytes / 4, true]);
  });

  it.skipIf(!hasTimestamps)('in more dispatches than a set of queries holds', async () => {
    const device = await (await openAdapter()).requestDevice({ requiredFeatures: timestamps });
    const usage = GPUBufferUsage.STORAGE;
    const buffers = [0, 1].map(() => device.createBuffer({ size: 16, usage }));
    const views = buffers.map((buffer) => ({ buffer, offset: 0, size: 16 }));
    const [one] = await prepare(device, [{ program: copy(16), views }], createUniforms(device));
    if (!one) throw new Error('nothing was prepared');
    const timer = await createDispatchTimer(device);
    const times = await timer.time(Array<typeof one>(2050).fill(one));
    expect(times).toHaveLength(2050);
    expect(times.every((ns) => Number.isFinite(ns) && ns >= 0)).toBe(true);
    device.destroy();
  });
});
