/** One engine, ours or stock, with a device and a TF.js of its own: neither finds what the other left. */
import type * as tf from '@tensorflow/tfjs-core';
import { findCase, type BenchCase } from '../../src/cli/bench-cases.ts';
import { chooseDevice } from '../../src/device/choose.ts';
import { onDeviceLost, onGpuError } from '../../src/device/lost.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import type { DeviceInfo } from '../../src/protocol/device.ts';
import { serve, type Endpoint } from '../../src/protocol/rpc.ts';
import type { EngineApi, EngineName, Timed } from './engine-api.ts';
import { createGpuMeter, type GpuMeter } from './gpu-meter.ts';
import { ourFeatures, ourStep } from './ours.ts';
import { stockFeatures } from './stock-features.ts';
import { missingGradients, stockStep } from './stock.ts';
import { createBatch, type Workload } from './workload.ts';

/** A GPU that fails must not look fast. */
const failure = new Promise<never>((_, reject) => {
  onDeviceLost((detail) => reject(new Error(`the GPU device was lost: ${detail}`)));
  onGpuError((detail) => reject(new Error(`a GPU command failed: ${detail}`)));
});
failure.catch(() => undefined);

let opened: { workload: Workload; meter: GpuMeter | null } | null = null;

const page: Endpoint = {
  postMessage: (message, transfer) => self.postMessage(message, { transfer }),
  addEventListener: (type, listener) => self.addEventListener(type, listener),
};

serve<EngineApi>(page, {
  async open({ engine, caseName, device: preference, dry }) {
    const bench = findCase(caseName);
    if (bench === undefined) throw new Error(`no such case: ${caseName}`);
    const meter = 'GPUDevice' in globalThis ? createGpuMeter() : null;
    const device = await chooseDevice(preference);
    const unable = reasonAgainst(engine, bench, device);
    if (unable !== null) return { device, unable };
    if (dry) meter?.skipKernels();
    const workload = createWorkload(engine, bench);
    opened = { workload, meter: device.backend === 'webgpu' ? meter : null };
    return { device, unable };
  },

  run({ steps }) {
    if (opened === null) throw new Error('open first');
    return Promise.race([time(steps, opened.workload, opened.meter), failure]);
  },
});

function reasonAgainst(engine: EngineName, bench: BenchCase, device: DeviceInfo): string | null {
  if (engine === 'ours' || bench.kind !== 'step') return null;
  const missing = missingGradients(backbones[bench.backbone]);
  if (missing.length === 0) return null;
  return `stock TF.js cannot train on ${device.backend}: it has no ${missing.join(', ')} there`;
}

function createWorkload(engine: EngineName, bench: BenchCase): Workload {
  const backbone = backbones[bench.backbone];
  const batch = createBatch(bench);
  const make = {
    ours: { step: ourStep, features: ourFeatures },
    stock: { step: stockStep, features: stockFeatures },
  };
  return make[engine][bench.kind](backbone, batch);
}

async function time(steps: number, workload: Workload, meter: GpuMeter | null): Promise<Timed> {
  meter?.reset();
  let hostMs = 0;
  let last: tf.Tensor | null = null;
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
