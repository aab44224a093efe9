/**
 * What a device can do, as kernels of our own have seen it: a large matrix product, and a copy.
 * Measured once a device, on the clock, over as many repeats as make submitting not matter.
 */
import { isSoftwareAdapter } from '../../device/adapter.ts';
import type { DevicePeak } from '../../protocol/profile.ts';
import { convForward } from '../../ops/conv2d/gather.wgsl.ts';
import { copy } from '../../ops/gpu/copy.wgsl.ts';
import { createUniforms, encode, prepare, uniformData } from '../../ops/gpu/executor.ts';
import type { Program } from '../../ops/gpu/program.ts';
import { plain } from '../../ops/gpu/source.ts';
import { pointWindow } from '../../ops/linear/linear.wgsl.ts';
import { choicesFor } from './kernel-choices.ts';

const known = new WeakMap<GPUDevice, Promise<DevicePeak>>();

export function devicePeak(device: GPUDevice): Promise<DevicePeak> {
  const found = known.get(device);
  if (found) return found;
  const measured = measure(device);
  known.set(device, measured);
  measured.catch(() => known.delete(device));
  return measured;
}

async function measure(device: GPUDevice): Promise<DevicePeak> {
  const software = isSoftwareAdapter(device.adapterInfo);
  const size = software ? 256 : 2048; // of square matrices
  // larger than caches, of real GPUs as well
  const bytes = Math.min(
    (software ? 32 : 128) * 2 ** 20,
    device.limits.maxStorageBufferBindingSize,
    device.limits.maxBufferSize,
  );
  const shape = { batch: size, inChannels: size, outChannels: size, window: pointWindow };
  const product = convForward(shape, plain, choicesFor(device).gather('forward', shape));
  const productMs = await millisecondsOf(device, product, size, 4 * size ** 2);
  const copyMs = await millisecondsOf(device, copy(bytes - (bytes % 16)), size, bytes);
  return { gflops: product.flops / productMs / 1e6, gbps: (2 * bytes) / copyMs / 1e6 };
}

const enoughMs = 100;

/** Of one run, among enough of them. */
async function millisecondsOf(
  device: GPUDevice,
  program: Program,
  batch: number,
  bytesEach: number,
): Promise<number> {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const size = Math.ceil(bytesEach / 16) * 16;
  const uniforms = createUniforms(device);
  device.queue.writeBuffer(uniforms, 0, uniformData({ batch }));
  const buffers = program.bindings.map(({ name }) =>
    device.createBuffer({ label: name, size, usage }),
  );
  try {
    const views = buffers.map((buffer) => ({ buffer, offset: 0, size }));
    const [dispatch] = await prepare(device, [{ program, views }], uniforms);
    if (dispatch === undefined) throw new Error(`${program.label} was not prepared`);
    const run = async (repeats: number): Promise<number> => {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass, Array<typeof dispatch>(repeats).fill(dispatch));
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    };
    await run(1); // buffers are made real, and zeroed, when they are first used
    for (let repeats = 1; ; repeats *= 4) {
      const ms = await run(repeats);
      // The best of three: what else the machine does only makes it slower.
      if (ms >= enoughMs) return Math.min(ms, await run(repeats), await run(repeats)) / repeats;
    }
  } finally {
    for (const buffer of [...buffers, uniforms]) buffer.destroy();
  }
}
