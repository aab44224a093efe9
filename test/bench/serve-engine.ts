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
import type { Profile } from '../../src/protocol/profile.ts';
import { serve, type Endpoint } from '../../src/protocol/rpc.ts';
import { profileTraining } from '../../src/train/profile.ts';
import type { EngineApi, EngineName, EngineOptions, Opened, Timed } from './engine-api.ts';
import { createGpuMeter, type GpuMeter } from './gpu-meter.ts';
import { ourKernel } from './our-kernels.ts';
import { ourFeatures, ourStep } from './ours.ts';
import { fitsPlainCpu, openPlainCpu } from './plain-cpu.ts';
import { stockKernel } from './stock-kernels.ts';
import { stockFeatures } from './stock-features.ts';
import { missingGradients, stockStep } from './stock.ts';
import { classes, createBatch, type Result, type Workload } from './workload.ts';

/** A GPU that fails must not look fast. */
const failure = new Promise<never>((_, reject) => {
  onDeviceLost((detail) => reject(new Error(`the GPU device was lost: ${detail}`)));
  onGpuError((detail) => reject(new Error(`a GPU command failed: ${detail}`)));
});
failure.catch(() => undefined);

let opened: { workload: Workload; meter: GpuMeter | null } | null = null;

export function serveEngine(endpoint: Endpoint): void {
  serve<EngineApi>(endpoint, { open, run, profile });
}

async function open(options: EngineOptions): Promise<Opened> {
  const { engine, caseName, device: preference, dry, tune } = options;
  const bench = caseNamed(caseName);
  if (bench.kind === 'head')
    throw new Error(`${caseName} is a job, not a step: it runs in the page only`);
  const meter = 'GPUDevice' in globalThis ? createGpuMeter() : null;
  const device = await chooseDevice(preference);
  const gpu = gpuFacts();
  const lack = lackOf(engine, bench, device);
  if (lack !== null && (dry || !fitsPlainCpu(bench))) {
    return { device, gpu, unable: lack, note: null };
  }
  if (lack !== null) await openPlainCpu();
  if (dry) meter?.skipKernels();
  const workload = await createWorkload(engine, bench, tune);
  opened = { workload, meter: device.backend === 'webgpu' ? meter : null };
  const note = lack && `${lack}; timed on its plain JavaScript backend`;
  return { device, gpu, unable: null, note };
}

function run({ steps }: { steps: number }): Promise<Timed> {
  if (opened === null) throw new Error('open first');
  return Promise.race([time(steps, opened.workload, opened.meter), failure]);
}

async function profile({ caseName }: { caseName: string }): Promise<Profile> {
  const bench = caseNamed(caseName);
  if (bench.kind === 'kernel') throw new Error(`${caseName} is no step`);
  const { backbone, size, batch } = bench;
  const device = await chooseDevice('webgpu');
  const task = { backbone, imageSize: size, batchSize: batch, classes };
  return Promise.race([profileTraining(task, device, new AbortController().signal), failure]);
}

function caseNamed(name: string): BenchCase {
  const found = findCase(name);
  if (found === undefined) throw new Error(`no such case: ${name}`);
  return found;
}

/** A copy that can be sent; browsers before 2025 do not say it of a device. */
function gpuFacts(): GpuFacts | null {
  const info: GPUAdapterInfo | undefined = gpuDevice()?.adapterInfo;
  if (info === undefined) return null;
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description };
}

/** Why `engine` cannot compute the case on this device. */
function lackOf(engine: EngineName, bench: BenchCase, device: DeviceInfo): string | null {
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
  if (bench.kind === 'head') throw new Error(`${bench.name} is a job, not a step`);
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
