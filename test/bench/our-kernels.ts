/** Our kernels by themselves, with the tiles that a plan would give them, ready to be timed. */
import type { KernelSpec } from '../../src/cli/bench-kernels.ts';
import { choicesFor } from '../../src/model/gpu/kernel-choices.ts';
import { createReader } from '../../src/model/gpu/readback.ts';
import { createUniforms, encode, prepare, uniformData } from '../../src/ops/gpu/executor.ts';
import { torchAdam } from '../../src/ops/optimizer/optimizer.wgsl.ts';
import { adamValues } from '../../src/train/optimizers/adam-values.ts';
import { readCount } from './kernel-data.ts';
import { planOf, type Use } from './kernel-plans.ts';
import { learningRate, type Workload } from './workload.ts';

export async function ourKernel(device: GPUDevice, spec: KernelSpec): Promise<Workload> {
  const { batch, uses, setup = [], buffers, result } = planOf(spec, choicesFor(device));
  const made = new Map(
    Object.entries(buffers).map(([name, given]) => {
      const bytes = 4 * (typeof given === 'number' ? given : given.length);
      const buffer = device.createBuffer({
        label: name,
        size: Math.max(16, Math.ceil(bytes / 16) * 16),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      if (typeof given !== 'number') {
        device.queue.writeBuffer(buffer, 0, given as Float32Array<ArrayBuffer>);
      }
      return [name, buffer];
    }),
  );
  const bufferOf = (name: string): GPUBuffer => {
    const buffer = made.get(name);
    if (buffer === undefined) throw new Error(`no buffer ${name}`);
    return buffer;
  };
  const uniforms = createUniforms(device);
  device.queue.writeBuffer(
    uniforms,
    0,
    uniformData({ batch, ...adamValues(torchAdam, 1, learningRate) }),
  );
  const ready = (some: readonly Use[]) =>
    prepare(
      device,
      some.map(([program, names]) => ({
        program,
        views: names.map((name) => {
          const buffer = bufferOf(name);
          return { buffer, offset: 0, size: buffer.size };
        }),
      })),
      uniforms,
    );
  const submit = (work: Awaited<ReturnType<typeof ready>>): void => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, work);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  submit(await ready(setup));
  const work = await ready(uses);
  const reader = createReader(device);
  const source = bufferOf(result);
  const request = { buffer: source, offset: 0, bytes: Math.min(4 * readCount, source.size) };
  return {
    run() {
      submit(work);
      return Promise.resolve({
        data: async () => (await reader.read([request]))[0] ?? [],
        dispose: () => undefined,
      });
    },
    dispose() {
      for (const buffer of made.values()) buffer.destroy();
      uniforms.destroy();
      reader.destroy();
    },
  };
}
