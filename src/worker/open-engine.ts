/** The engine that a run's device calls for, its kernels tuned to the device. */
import { gpuDevice } from '../device/choose.ts';
import { backbones } from '../model/backbones/index.ts';
import { tunedChoices } from '../model/gpu/autotune.ts';
import type { Run } from '../protocol/run.ts';
import { tuningCache } from '../storage/tuning.ts';
import { createPlannedEngine, createWalkedEngine, type Engine } from '../train/engine.ts';
import type { FeatureWorkers } from '../train/feature-extractor.ts';
import { strategyFacts } from '../train/strategies.ts';
import type { Random } from '../util/random.ts';

export async function openEngine(
  { config, classes, device }: Run,
  workers: FeatureWorkers | null,
  random: Random,
  signal: AbortSignal,
): Promise<Engine> {
  const { batchSize, imageSize, strategy, precision } = config;
  const options = {
    backbone: backbones[config.backbone],
    classes: classes.length,
    batchSize,
    imageSize,
    headOnly: strategyFacts[strategy].headOnly,
    half: precision === 'half',
    random,
  };
  const gpu = gpuDevice();
  if (device.backend !== 'webgpu' || gpu === null) return createWalkedEngine(options, workers);
  return createPlannedEngine(gpu, options, (plan) => tunedChoices(gpu, plan, tuningCache, signal));
}
