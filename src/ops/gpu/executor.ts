/**
 * Runs programs on a device: pipelines are compiled once a WGSL text, bind groups are made once a
 * dispatch, and a step is nothing but encoding them again. No buffer, pipeline or bind group is
 * created after `prepare`.
 */
import { stepUniforms, type Program, type StorageBinding } from './program.ts';

/** Where a binding's data lies; offsets are multiples of the device's alignment (256 bytes). */
export interface BufferView {
  readonly buffer: GPUBuffer;
  readonly offset: number; // bytes
  readonly size: number;
}

export interface Dispatch {
  readonly program: Program;
  readonly views: readonly BufferView[]; // as `program.bindings`
}

export interface Prepared {
  readonly program: Program;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export type StepValues = { readonly [K in (typeof stepUniforms)[number][0]]?: number };

interface Compiled {
  layouts: Map<string, GPUBindGroupLayout>;
  pipelines: Map<string, Promise<GPUComputePipeline>>;
}

const compiledFor = new WeakMap<GPUDevice, Compiled>();

function compiledOf(device: GPUDevice): Compiled {
  const known = compiledFor.get(device);
  if (known) return known;
  const fresh: Compiled = { layouts: new Map(), pipelines: new Map() };
  compiledFor.set(device, fresh);
  return fresh;
}

/** Explicit, since an automatic layout leaves out what a kernel happens not to read. */
function layoutOf(device: GPUDevice, bindings: readonly StorageBinding[]): GPUBindGroupLayout {
  const { layouts } = compiledOf(device);
  const key = bindings.map(({ access }) => (access === 'read' ? 'r' : 'w')).join('');
  const known = layouts.get(key);
  if (known) return known;
  const visibility = GPUShaderStage.COMPUTE;
  const layout = device.createBindGroupLayout({
    label: key,
    entries: [
      ...bindings.map(({ access }, binding) => ({
        binding,
        visibility,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' } as const,
      })),
      { binding: bindings.length, visibility, buffer: { type: 'uniform' } },
    ],
  });
  layouts.set(key, layout);
  return layout;
}

/** The pipeline of a program, compiled when first asked for. */
export function pipelineOf(device: GPUDevice, program: Program): Promise<GPUComputePipeline> {
  const { pipelines } = compiledOf(device);
  const known = pipelines.get(program.wgsl);
  if (known) return known;
  const pipeline = compile(device, program);
  pipelines.set(program.wgsl, pipeline);
  pipeline.catch(() => pipelines.delete(program.wgsl));
  return pipeline;
}

async function compile(device: GPUDevice, program: Program): Promise<GPUComputePipeline> {
  const { label, wgsl, bindings } = program;
  const layout = layoutOf(device, bindings);
  const module = device.createShaderModule({ label, code: wgsl });
  try {
    return await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module },
    });
  } catch (error) {
    // The pipeline only says that its module is invalid; the compiler says why.
    const { messages } = await module.getCompilationInfo();
    const first = messages.find(({ type }) => type === 'error');
    if (first === undefined) throw error;
    const line = wgsl.split('\n')[first.lineNum - 1] ?? '';
    throw new Error(`${label}: line ${first.lineNum}: ${first.message}\n${line.trim()}`, {
      cause: error,
    });
  }
}

/** Compiles what is not yet compiled, all at once, and binds every dispatch to its buffers. */
export async function prepare(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  uniforms: GPUBuffer,
): Promise<Prepared[]> {
  const pipelines = await Promise.all(dispatches.map(({ program }) => pipelineOf(device, program)));
  return dispatches.map((dispatch, i) => {
    const pipeline = pipelines[i];
    if (pipeline === undefined) throw new Error(`${dispatch.program.label} was not compiled`);
    return bind(device, dispatch, pipeline, uniforms);
  });
}

/** One dispatch, its pipeline being there already. */
export function bind(
  device: GPUDevice,
  { program, views }: Dispatch,
  pipeline: GPUComputePipeline,
  uniforms: GPUBuffer,
): Prepared {
  if (views.length !== program.bindings.length) {
    const names = program.bindings.map(({ name }) => name).join(', ');
    throw new Error(`${program.label}: ${views.length} buffers for ${names}`);
  }
  const bindGroup = device.createBindGroup({
    label: program.label,
    layout: layoutOf(device, program.bindings),
    entries: [
      ...views.map((resource, binding) => ({ binding, resource: { ...resource } })),
      { binding: views.length, resource: { buffer: uniforms } },
    ],
  });
  return { program, pipeline, bindGroup };
}

export function encode(pass: GPUComputePassEncoder, prepared: readonly Prepared[]): void {
  for (const { program, pipeline, bindGroup } of prepared) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...program.workgroups);
  }
}

/** Of the step's uniforms, a multiple of 16. */
export const uniformBytes = Math.ceil(stepUniforms.length / 4) * 16;

export function createUniforms(device: GPUDevice): GPUBuffer {
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  return device.createBuffer({ label: 'step', size: uniformBytes, usage });
}

/** What is not given is 0; but scales are 1. */
export function uniformData(values: StepValues): ArrayBuffer {
  const data = new DataView(new ArrayBuffer(uniformBytes));
  const defaults: StepValues = { lossScale: 1, biasCorrection1: 1, biasCorrection2: 1 };
  stepUniforms.forEach(([name, type], i) => {
    const value = values[name] ?? defaults[name] ?? 0;
    if (type === 'u32') data.setUint32(4 * i, value, true);
    else data.setFloat32(4 * i, value, true);
  });
  return data.buffer as ArrayBuffer;
}
