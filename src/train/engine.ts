/**
 * What computes a run: on WASM the walker over TF.js's kernels, on a GPU a plan. Both start from the
 * same weights and give a trainer its learner and, for a head alone, the frozen backbone.
 */
import { createGpuNetwork, type GpuNetwork } from '../model/gpu/gpu-network.ts';
import type { KernelChoices } from '../model/gpu/kernel-choices.ts';
import type { Backbone } from '../model/graph.ts';
import { createNetwork, type Network } from '../model/network.ts';
import type { LoadOptions, StateDict } from '../model/state-dict.ts';
import { torchAdam } from '../ops/optimizer/optimizer.wgsl.ts';
import type { Random } from '../util/random.ts';
import {
  ownExtractor,
  pooledExtractor,
  type FeatureExtractor,
  type FeatureWorkers,
} from './feature-extractor.ts';
import type { Learner } from './learner.ts';
import type { PlanOptions } from '../model/gpu/step-plan.ts';
import { createPlannedLearner } from './planned-learner.ts';
import { createWalkedHead, createWalkedLearner } from './walked-learner.ts';

export interface Engine {
  readonly backbone: Backbone;
  readonly classes: number;
  /** Of the whole network; all or nothing, throws 'weights-mismatch'. */
  loadStateDict(state: StateDict, options?: LoadOptions): void;
  /** The network or its head, as the engine was made for. */
  readonly learner: Learner;
  /** The frozen backbone, as `loadStateDict` left it; to be closed after use. */
  extractor(signal: AbortSignal): Promise<FeatureExtractor>;
  dispose(): void;
}

export interface EngineOptions {
  readonly backbone: Backbone;
  readonly classes: number;
  readonly batchSize: number;
  readonly imageSize: number; // px
  readonly headOnly: boolean;
  readonly half?: boolean; // of a whole network on a GPU: its maps are stored in half precision
  readonly random: Random; // for fresh weights
}

export function createWalkedEngine(
  { backbone, classes, batchSize, imageSize, headOnly, random }: EngineOptions,
  workers: FeatureWorkers | null,
): Engine {
  const network: Network = createNetwork(backbone, classes, random);
  const learner = headOnly ? createWalkedHead(network) : createWalkedLearner(network, imageSize);
  return {
    backbone,
    classes,
    learner,
    loadStateDict: (state, options) => network.loadStateDict(state, options),
    extractor: async (signal) =>
      workers
        ? pooledExtractor({ network, imageSize, batchSize, workers, signal })
        : ownExtractor(network, imageSize, signal),
    dispose() {
      learner.dispose();
      network.dispose();
    },
  };
}

export async function createPlannedEngine(
  device: GPUDevice,
  { backbone, classes, batchSize, imageSize, headOnly, half = false, random }: EngineOptions,
  choosing: (options: Omit<PlanOptions, 'choices'>) => Promise<KernelChoices>,
): Promise<Engine> {
  const slabBytes = Math.min(
    device.limits.maxBufferSize,
    device.limits.maxStorageBufferBindingSize,
  );
  const storage = half && !headOnly ? 'f16' : 'f32';
  const shape = {
    backbone,
    classes,
    batch: batchSize,
    size: imageSize,
    slabBytes,
    storage,
  } as const;
  const options = { ...shape, choices: await choosing(shape) };
  const train = { rule: torchAdam };
  const network: GpuNetwork = await createGpuNetwork(
    device,
    options,
    headOnly ? { kind: 'head', train } : { kind: 'full', train },
    random,
  );
  /** A head leaves the backbone's weights with whoever gave them until they are asked for. */
  let frozen: { state: StateDict; options: LoadOptions } | null = null;
  const learner = createPlannedLearner(network);
  return {
    backbone,
    classes,
    learner,
    loadStateDict(state, load = {}) {
      if (!headOnly) {
        network.loadStateDict(state, load);
        return;
      }
      frozen = { state, options: load };
      if (load.head !== 'skip') network.loadStateDict(headOf(backbone, state));
    },
    async extractor() {
      const body = await createGpuNetwork(device, options, { kind: 'extractor' }, random);
      if (frozen) body.loadStateDict(frozen.state, frozen.options);
      return {
        ahead: 2,
        extract: (inputs, count) => body.features({ inputs, count }),
        close: () => body.dispose(),
      };
    },
    dispose() {
      learner.dispose();
      network.dispose();
    },
  };
}

function headOf({ headName }: Backbone, state: StateDict): StateDict {
  return new Map([...state].filter(([name]) => name.startsWith(`${headName}.`)));
}
