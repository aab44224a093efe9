/**
 * The serving end of an engine, ours or stock: the same in a worker of the page and in a process
 * of node's. Each has a device and a TF.js of its own: neither finds what the other left.
 */
import { findCase, type BenchCase } from '../../src/cli/bench-cases.ts';
import type { GpuFacts } from '../../src/cli/bench-report.ts';
import { chooseDevice, gpuDevice } from '../../src/device/choose.ts';
import { onDeviceLost, onGpuError } from '../../src/device/lost.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import type { DeviceInfo } from '../../src/protocol/device.ts';
import { serve, type Endpoint } from '../../src/protocol/rpc.ts';
import type { EngineApi, EngineName, EngineOptions, Opened, Timed } from './engine-api.ts';
import { createGpuMeter, type GpuMeter } from './gpu-meter.ts';
import { ourKernel } from './our-kernels.ts';
import { ourFeatures, ourStep } from './ours.ts';
import { stockKernel } from './stock-kernels.ts';
import { stockFeatures } from './stock-features.ts';
import { missingGradients, stockStep } from './stock.ts';
import { createBatch, type Result, type Workload } from './workload.ts';

/** A GPU that fails must not look fast. */
const failure = new Promise<never>((_, reject) => {
  onDeviceLost((detail) => reject(new Error(`the GPU device was lost: ${detail}`)));
  onGpuError((detail) => reject(new Error(`a GPU command failed: ${detail}`)));
});
failure.catch(() => undefined);

let opened: { workload: Workload; meter: GpuMeter | null } | null = null;

export function serveEngine(endpoint: Endpoint): void {
  serve<EngineApi>(endpoint, { open, run });
}

async function open(options: EngineOptions): Promise<Opened> {
  const { engine, caseName, device: preference, dry, tune } = options;
  const bench = findCase(caseName);
  if (bench === undefined) throw new Error(`no such case: ${caseName}`);
  const meter = 'GPUDevice' in globalThis ? createGpuMeter() : null;
  const device = await chooseDevice(preference);
  const gpu = gpuFacts();
  const unable = reasonAgainst(engine, bench, device);
  if (unable !== null) return { device, gpu, unable };
  if (dry) meter?.skipKernels();
  const workload = await createWorkload(engine, bench, tune);
  opened = { workload, meter: device.backend === 'webgpu' ? meter : null };
  return { device, gpu, unable };
}

function run({ steps }: { steps: number }): Promise<Timed> {
  if (opened === null) throw new Error('open first');
  return Promise.race([time(steps, opened.workload, opened.meter), failure]);
}

/** A copy that can be sent; browsers before 2025 do not say it of a device. */
function gpuFacts(): GpuFacts | null {
  const info: GPUAdapterInfo | undefined = gpuDevice()?.adapterInfo;
  if (info === undefined) return null;
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description };
}

function reasonAgainst(engine: EngineName, bench: BenchCase, device: DeviceInfo): string | null {
  if (bench.kind === 'kernel') {
    return device.backend === 'webgpu' ? null : 'kernels are timed on a GPU: --device webgpu';
  }
  if (engine === 'ours' || bench.kind !== 'step') return null;
  const missing = missingGradients(backbones[bench.backbone]);
  if (missing.length === 0) return null;
  return `stock TF.js cannot train on ${device.backend}: it has no ${missing.join(', ')} there`;
}

async function createWorkload(
  engine: EngineName,
  bench: BenchCase,
  tune: boolean,
): Promise<Workload> {
  if (bench.kind === 'kernel') {
    const device = gpuDevice();
    if (device === null) throw new Error('a kernel case needs a GPU');
    return engine === 'ours' ? ourKernel(device, bench.kernel) : stockKernel(bench.kernel);
  }
  const backbone = backbones[bench.backbone];
  const batch = createBatch(bench);
  if (engine === 'stock') {
    return bench.kind === 'step' ? stockStep(backbone, batch) : stockFeatures(backbone, batch);
  }
  const make = { step: ourStep, features: ourFeatures }[bench.kind];
  return make(backbone, batch, tune);
}

async function time(steps: number, workload: Workload, meter: GpuMeter | null): Promise<Timed> {
  meter?.reset();
  let hostMs = 0;
  let last: Result | null = null;
  const start = performance.now();
  for (let step = 0; step < steps; step++) {
    last?.dispose();
    const asked = performance.now();
    last = await workload.run();
    hostMs += performance.now() - asked;
  }
  // commands run in order: once the last result can be read, all of them have run
  await last?.data();
  const ms = performance.now() - start;
  last?.dispose();
  return { ms: ms / steps, hostMs: hostMs / steps, gpu: meter?.read() ?? null };
}
