/**
 * Profiles a training step: a network of its own, with random weights, trains a few steps as ever,
 * counted and on the clock, then a few with every dispatch timed. All steps are ordinary ones, so
 * that nothing is repeated that must not be; what is shown of them is their mean.
 */
import { createGpuCounter } from '../device/counters.ts';
import { gpuDevice } from '../device/choose.ts';
import { backbones } from '../model/backbones/index.ts';
import { devicePeak } from '../model/gpu/device-peak.ts';
import { createGpuNetwork, type GpuNetwork } from '../model/gpu/gpu-network.ts';
import { choicesFor } from '../model/gpu/kernel-choices.ts';
import { createDispatchTimer, type DispatchTimer } from '../ops/gpu/timer.ts';
import { torchAdam } from '../ops/optimizer/optimizer.wgsl.ts';
import type { DeviceInfo } from '../protocol/device.ts';
import { AppError } from '../protocol/errors.ts';
import {
  mergeRows,
  type Profile,
  type ProfiledStep,
  type ProfileRow,
  type ProfileTask,
} from '../protocol/profile.ts';
import { createRandom, type Random } from '../util/random.ts';
import { adamValues } from './optimizers/adam-values.ts';

const seed = 1;
const learningRate = 1e-4;
const stepsMs = 500; // ordinary steps go on about as long
const timedMs = 2000;
const mostSteps = 40;

export async function profileTraining(
  task: ProfileTask,
  info: DeviceInfo,
  signal: AbortSignal,
): Promise<Profile> {
  const device = gpuDevice();
  if (device === null) throw new AppError('profile-needs-webgpu', { found: info.adapter });
  const peak = await devicePeak(device);
  const timer = await createDispatchTimer(device);
  signal.throwIfAborted();
  const run = await createRun(device, task);
  try {
    const step = await ordinarySteps(device, run, signal);
    const { steps, rows } = await timedSteps(run, timer, signal);
    const grain = timer.grain;
    const timing: Profile['timing'] =
      timer.by === 'timestamps'
        ? { by: 'timestamps', quantumNs: grain }
        : { by: 'submits', emptyMs: grain / 1e6 };
    return { task, device: info, timing, steps, peak, rows, step };
  } finally {
    run.network.dispose();
  }
}

/** A network that takes one step after another on the same pictures. */
interface TrainingRun {
  readonly network: GpuNetwork;
  readonly bytesBefore: number;
  setBatch(): void;
  next(): ReturnType<typeof adamValues>;
}

async function createRun(
  device: GPUDevice,
  { backbone, classes, imageSize, batchSize }: ProfileTask,
): Promise<TrainingRun> {
  const bytesBefore = createGpuCounter().read().bytes;
  const random = createRandom(seed);
  const options = {
    ...{ backbone: backbones[backbone], classes, batch: batchSize, size: imageSize },
    choices: choicesFor(device),
    slabBytes: device.limits.maxStorageBufferBindingSize,
  };
  const network = await createGpuNetwork(
    device,
    options,
    { kind: 'full', train: { rule: torchAdam } },
    random,
  );
  const batch = randomBatch(random, batchSize, imageSize, classes);
  let step = 0;
  return {
    network,
    bytesBefore,
    setBatch: () => network.setBatch(batch),
    next: () => adamValues(torchAdam, ++step, learningRate),
  };
}

function randomBatch(random: Random, count: number, size: number, classes: number) {
  return {
    count,
    inputs: Float32Array.from({ length: count * size * size * 3 }, () => random.uniform(-2, 2)),
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
  };
}

async function ordinarySteps(
  device: GPUDevice,
  run: TrainingRun,
  signal: AbortSignal,
): Promise<ProfiledStep> {
  const counter = createGpuCounter();
  const warm = async (): Promise<number> => {
    const start = performance.now();
    run.setBatch();
    await run.network.trainStep(run.next());
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await warm(); // pipelines and buffers are made real when they are first used
  const steps = countFor(stepsMs, await warm());
  signal.throwIfAborted();

  let hostMs = 0;
  let batchBytes = 0;
  counter.reset();
  const start = performance.now();
  for (let step = 0; step < steps; step++) {
    const asked = performance.now();
    const uploaded = counter.read().uploadBytes;
    run.setBatch();
    batchBytes += counter.read().uploadBytes - uploaded;
    const submitted = run.network.trainStep(run.next()); // encodes before it waits
    hostMs += performance.now() - asked;
    await submitted;
  }
  await device.queue.onSubmittedWorkDone();
  const ms = performance.now() - start;
  const total = counter.read();
  return {
    ms: ms / steps,
    hostMs: hostMs / steps,
    dispatches: total.dispatches / steps,
    submits: total.submits / steps,
    buffers: total.buffers / steps,
    bindGroups: total.bindGroups / steps,
    batchBytes: batchBytes / steps,
    uploadBytes: (total.uploadBytes - batchBytes) / steps,
    readBacks: total.readBacks / steps,
    peakBytes: total.peakBytes - run.bytesBefore,
    forecastBytes: run.network.costs.peakBytes,
  };
}

async function timedSteps(
  { network, next }: TrainingRun,
  timer: DispatchTimer,
  signal: AbortSignal,
): Promise<{ steps: number; rows: ProfileRow[] }> {
  const rows: ProfileRow[] = [];
  const start = performance.now();
  let steps = 0;
  for (; steps === 0 || (steps < mostSteps && performance.now() - start < timedMs); steps++) {
    signal.throwIfAborted();
    const dispatches = await network.timedStep(next(), timer);
    dispatches.forEach(({ node, program, tensors, ns }, i) => {
      const row = (rows[i] ??= {
        ...{ node, op: program.label, dispatches: 1, gpuMs: 0, flops: program.flops },
        boundBytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
      });
      row.gpuMs += ns / 1e6;
    });
  }
  for (const row of rows) row.gpuMs /= steps;
  return { steps, rows: mergeRows(rows) };
}

function countFor(wantedMs: number, stepMs: number): number {
  return Math.min(mostSteps, Math.max(1, Math.ceil(wantedMs / stepMs)));
}
