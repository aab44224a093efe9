/** The record of a run: how it begins, and how it grows by an epoch. */
import { backbones } from '../model/backbones/index.ts';
import type { Dataset } from '../protocol/dataset.ts';
import type { DeviceInfo, GpuCounts } from '../protocol/device.ts';
import { AppError } from '../protocol/errors.ts';
import type { BestEpoch, EpochMetrics, Run, RunConfig, RunTimings } from '../protocol/run.ts';
import { preprocessingFor } from './photo-source.ts';

export function newRun(id: string, config: RunConfig, dataset: Dataset, device: DeviceInfo): Run {
  return {
    version: 1,
    id,
    createdAt: Date.now(),
    datasetId: dataset.id,
    datasetName: dataset.name,
    classes: dataset.classes,
    config,
    preprocessing: preprocessingFor(backbones[config.backbone].preprocessing, config.imageSize),
    device,
    userAgent: navigator.userAgent,
    status: 'running',
    error: null,
    epochs: [],
    best: null,
    timings: { prepareMs: 0, trainMs: 0, evaluateMs: 0 },
    gpu: null,
  };
}

export function withEpoch(
  run: Run,
  metrics: EpochMetrics,
  best: BestEpoch,
  gpu: GpuCounts | null,
): Run {
  const trainMs = run.timings.trainMs + metrics.seconds * 1000;
  return {
    ...run,
    epochs: [...run.epochs, metrics],
    best,
    timings: { ...run.timings, trainMs },
    gpu: gpu && { ...gpu, peakBytes: Math.max(gpu.peakBytes, run.gpu?.peakBytes ?? 0) },
  };
}

/** Adds to a timing: a run that was resumed has prepared twice. */
export function withTiming(run: Run, name: keyof RunTimings, ms: number): Run {
  return { ...run, timings: { ...run.timings, [name]: run.timings[name] + ms } };
}

/** Loss that is no number any more cannot be learned from. */
export function requireFinite({ epoch, trainLoss, valLoss, learningRate }: EpochMetrics): void {
  if (!Number.isFinite(trainLoss) || !Number.isFinite(valLoss)) {
    throw new AppError('diverged', { epoch, learningRate });
  }
}
