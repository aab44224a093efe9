/** Graft's engine, as the trainers and the evaluation use it: planned on a GPU, walked on WASM. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuDevice } from '../../src/device/choose.ts';
import type { Backbone } from '../../src/model/graph.ts';
import { createGpuNetwork, type GpuNetwork } from '../../src/model/gpu/gpu-network.ts';
import { tunedChoices } from '../../src/model/gpu/autotune.ts';
import { choicesFor, type KernelChoices } from '../../src/model/gpu/kernel-choices.ts';
import { createMemoryCache } from '../../src/model/gpu/tuning-cache.ts';
import { createNetwork } from '../../src/model/network.ts';
import { torchAdam } from '../../src/ops/optimizer/optimizer.wgsl.ts';
import * as adam from '../../src/train/optimizers/adam.ts';
import { adamValues } from '../../src/train/optimizers/adam-values.ts';
import { trainStep } from '../../src/train/train-step.ts';
import { createRandom } from '../../src/util/random.ts';
import { classes, learningRate, weightSeed, type Batch, type Workload } from './workload.ts';

/** `tune`: the tiles are chosen by trial on this device first, however long that takes. */
export async function ourStep(backbone: Backbone, batch: Batch, tune = false): Promise<Workload> {
  const device = gpuDevice();
  return device ? plannedStep(device, backbone, batch, tune) : walkedStep(backbone, batch);
}

async function plannedNetwork(
  device: GPUDevice,
  backbone: Backbone,
  { labels, pixels, size }: Batch,
  tune: boolean,
): Promise<GpuNetwork> {
  const count = labels.length;
  const slabBytes = device.limits.maxStorageBufferBindingSize;
  const untuned = { backbone, classes, batch: count, size, slabBytes };
  const choices = tune ? await allTuned(device, untuned) : choicesFor(device);
  const options = { ...untuned, choices };
  const random = createRandom(weightSeed);
  const kind = { kind: 'full', train: { rule: torchAdam } } as const;
  const network = await createGpuNetwork(device, options, kind, random);
  network.setBatch({ count, inputs: pixels, labels });
  return network;
}

function allTuned(
  device: GPUDevice,
  options: Parameters<typeof tunedChoices>[1],
): Promise<KernelChoices> {
  const settings = { evenEmulated: true, budgetMs: Infinity };
  const { signal } = new AbortController();
  return tunedChoices(device, options, createMemoryCache(), signal, settings);
}

async function plannedStep(
  device: GPUDevice,
  backbone: Backbone,
  batch: Batch,
  tune: boolean,
): Promise<Workload> {
  const network = await plannedNetwork(device, backbone, batch, tune);
  let step = 0;
  return {
    async run() {
      step++;
      await network.trainStep(adamValues(torchAdam, step, learningRate));
      return {
        data: async () => [(await network.sums()).stepLoss],
        dispose: () => undefined,
      };
    },
    dispose: () => network.dispose(),
  };
}

function walkedStep(backbone: Backbone, batch: Batch): Workload {
  const network = createNetwork(backbone, classes, createRandom(weightSeed));
  const optimizer = adam.init(network.parameters);
  const labels = tf.tensor1d(batch.labels, 'int32');
  return {
    async run() {
      const { loss, correct } = await trainStep(
        network,
        optimizer,
        batch.images,
        labels,
        learningRate,
      );
      correct.dispose();
      return loss;
    },
    dispose() {
      adam.dispose(optimizer);
      network.dispose();
      labels.dispose();
    },
  };
}

export async function ourFeatures(
  backbone: Backbone,
  batch: Batch,
  tune = false,
): Promise<Workload> {
  const device = gpuDevice();
  if (device) {
    const network = await plannedNetwork(device, backbone, batch, tune);
    const { labels, pixels } = batch;
    const given = { count: labels.length, inputs: pixels };
    return {
      run() {
        const features = network.features(given);
        return Promise.resolve({ data: () => features, dispose: () => undefined });
      },
      dispose: () => network.dispose(),
    };
  }
  const network = createNetwork(backbone, classes, createRandom(weightSeed));
  return {
    run: () => network.features(batch.images),
    dispose: () => network.dispose(),
  };
}
