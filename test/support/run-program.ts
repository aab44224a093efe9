/** One program on plain arrays, in and out; every WebGPU error fails it. */
import {
  createUniforms,
  encode,
  prepare,
  uniformData,
  type StepValues,
} from '../../src/ops/gpu/executor.ts';
import type { Program } from '../../src/ops/gpu/program.ts';

type Values = Float32Array | Uint32Array;

/**
 * `buffers`: an array of values a binding, or the number of floats of an empty one (NaN, so that
 * what a kernel forgets to write is seen). Returns what each holds afterwards.
 */
export async function runProgram(
  device: GPUDevice,
  program: Program,
  buffers: Readonly<Record<string, Values | number>>,
  values: StepValues,
): Promise<Record<string, Float32Array>> {
  device.pushErrorScope('validation');
  const made = new Map<string, GPUBuffer>();
  const uniforms = createUniforms(device);
  device.queue.writeBuffer(uniforms, 0, uniformData(values));
  for (const { name } of program.bindings) {
    const given = buffers[name];
    if (given === undefined) throw new Error(`${program.label}: no values for ${name}`);
    const data = typeof given === 'number' ? new Float32Array(given).fill(NaN) : given;
    const buffer = device.createBuffer({
      size: Math.max(16, Math.ceil(data.byteLength / 16) * 16),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    made.set(name, buffer);
  }
  const view = (name: string) => {
    const buffer = made.get(name);
    if (buffer === undefined) throw new Error(`no buffer ${name}`);
    return { buffer, offset: 0, size: buffer.size };
  };
  const views = program.bindings.map(({ name }) => view(name));
  const prepared = await prepare(device, [{ program, views }], uniforms).catch(
    async (error: unknown) => {
      await device.popErrorScope(); // the next program's errors are not for this one's
      throw error;
    },
  );
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass, prepared);
  pass.end();
  const results: [string, GPUBuffer, number][] = [];
  for (const [name, buffer] of made) {
    const staging = device.createBuffer({
      size: buffer.size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    const given = buffers[name];
    results.push([name, staging, typeof given === 'number' ? given : (given?.length ?? 0)]);
  }
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`${program.label}: ${error.message}`);
  const found: Record<string, Float32Array> = {};
  for (const [name, staging, length] of results) {
    await staging.mapAsync(GPUMapMode.READ);
    found[name] = new Float32Array(staging.getMappedRange().slice(0), 0, length);
    staging.destroy();
  }
  for (const buffer of made.values()) buffer.destroy();
  uniforms.destroy();
  return found;
}
