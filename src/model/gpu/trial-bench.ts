/** Runs the trials of one shape class: each timed, after its numbers have been held to a reference. */
import {
  createUniforms,
  encode,
  prepare,
  uniformData,
  type Prepared,
} from '../../ops/gpu/executor.ts';
import { differenceParts, fillUniform, largestDifference } from '../../ops/gpu/compare.wgsl.ts';
import type { Program } from '../../ops/gpu/program.ts';
import { readBack } from './readback.ts';
import type { Stopwatch } from './stopwatch.ts';
import { slotOf, type Slot } from './trial-programs.ts';

/** Of the largest value: sums of a few hundred thousand products in another order. */
const tolerance = 1e-4;

export interface TrialBench {
  /** Milliseconds; null where the device refuses the programs or they compute something else. */
  time(programs: readonly Program[], sizes: Record<Slot, number>): Promise<number | null>;
  destroy(): void;
}

/** The first trial that runs gives the numbers that the others are held to. */
export function createTrialBench(
  device: GPUDevice,
  batch: number,
  stopwatch: Stopwatch,
): TrialBench {
  const buffers = new Map<Slot | 'reference' | 'differences', GPUBuffer>();
  const uniforms = createUniforms(device);
  let hasReference = false;
  const bufferOf = (slot: Slot | 'reference' | 'differences', floats: number): GPUBuffer => {
    const size = Math.max(16, Math.ceil(floats / 4) * 16);
    const known = buffers.get(slot);
    if (known !== undefined && known.size >= size) return known;
    known?.destroy();
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ label: `trial ${slot}`, size, usage });
    buffers.set(slot, buffer);
    return buffer;
  };
  const bind = (programs: readonly Program[], find: (binding: string) => GPUBuffer) =>
    prepare(
      device,
      programs.map((program) => ({
        program,
        views: program.bindings.map(({ name }) => {
          const buffer = find(name);
          return { buffer, offset: 0, size: buffer.size };
        }),
      })),
      uniforms,
    );
  const submit = (work: readonly Prepared[], clear?: GPUBuffer, seed = 0): void => {
    device.queue.writeBuffer(uniforms, 0, uniformData({ batch, seed }));
    const encoder = device.createCommandEncoder();
    if (clear !== undefined) encoder.clearBuffer(clear);
    const pass = encoder.beginComputePass();
    encode(pass, work);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  const fill = async (sizes: Record<Slot, number>): Promise<void> => {
    for (const [index, slot] of inputs.entries()) {
      if (sizes[slot] === 0 || buffers.has(slot)) continue;
      const buffer = bufferOf(slot, sizes[slot]);
      submit(await bind([fillUniform(buffer.size / 4)], () => buffer), undefined, index + 1);
    }
  };
  /** Runs once into a cleared result: what is not written must not look like what is. */
  const agrees = async (work: readonly Prepared[], size: number): Promise<boolean> => {
    const result = bufferOf('result', size);
    submit(work, result);
    const reference = bufferOf('reference', size);
    if (!hasReference) {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(result, 0, reference, 0, result.size);
      device.queue.submit([encoder.finish()]);
    }
    const differences = bufferOf('differences', 2 * differenceParts);
    const found: Record<string, GPUBuffer> = { a: result, b: reference };
    submit(await bind([largestDifference(size)], (name) => found[name] ?? differences));
    const request = { buffer: differences, offset: 0, bytes: 8 * differenceParts };
    const [values = new Float32Array()] = await readBack(device, [request]);
    const largest = (from: number): number =>
      values.reduce((most, value, i) => (i % 2 === from ? Math.max(most, value) : most), 0);
    hasReference = true;
    return largest(1) > 0 && largest(0) <= tolerance * largest(1);
  };
  return {
    async time(programs, sizes) {
      const { value, failed } = await guarded(device, async () => {
        await fill(sizes);
        const find = (name: string) => {
          const slot = slotOf(name, programs);
          return bufferOf(slot, sizes[slot]);
        };
        const work = await bind(programs, find).catch(() => null); // a shader that is refused
        if (work === null || !(await agrees(work, sizes.result))) return null;
        return stopwatch.time(work);
      });
      return failed ? null : value;
    },
    destroy() {
      for (const buffer of buffers.values()) buffer.destroy();
      uniforms.destroy();
    },
  };
}

const inputs = ['x', 'coef', 'weight', 'dy'] as const satisfies readonly Slot[];

/** Runs `work`; its GPU errors are told, and reach nobody else. */
async function guarded<T>(
  device: GPUDevice,
  work: () => Promise<T>,
): Promise<{ value: T; failed: boolean }> {
  const kinds = ['validation', 'out-of-memory', 'internal'] as const;
  for (const kind of kinds) device.pushErrorScope(kind);
  let errors: (GPUError | null)[] = [];
  try {
    const value = await work();
    errors = await Promise.all(kinds.map(() => device.popErrorScope()));
    return { value, failed: errors.some((error) => error !== null) };
  } catch (error) {
    if (errors.length === 0) await Promise.all(kinds.map(() => device.popErrorScope()));
    throw error;
  }
}
