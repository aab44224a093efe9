/**
 * The settings of a run that nobody chose, and what may be chosen: the page shows them, the trainer
 * checks against them. The defaults are those of the course: Adam, batch 32, 20 epochs, 224 px.
 */
import type { BackboneName } from './backbone.ts';
import type { RunConfig, Strategy } from './run.ts';

interface Range {
  min: number;
  max: number;
  whole: boolean;
}

export type NumericSetting =
  'epochs' | 'batchSize' | 'learningRate' | 'imageSize' | 'views' | 'seed' | 'numWorkers';

export const runRanges: Record<NumericSetting, Range> = {
  epochs: { min: 1, max: 1000, whole: true },
  batchSize: { min: 2, max: 512, whole: true }, // batch norm needs two photos
  learningRate: { min: 1e-7, max: 1, whole: false },
  imageSize: { min: 32, max: 640, whole: true }, // px; every backbone shrinks it 32-fold
  views: { min: 1, max: 32, whole: true },
  seed: { min: 0, max: 2 ** 32 - 1, whole: true },
  numWorkers: { min: 1, max: 16, whole: true },
};

/** A new head takes large steps; weights that are good already take small ones. */
export const defaultLearningRate: Record<Strategy, number> = {
  head: 1e-3,
  all: 1e-4,
  scratch: 1e-3,
};

export const defaultBackbone: BackboneName = 'efficientnet_lite0';

/** Decode workers for a machine with `cores` cores: more than four only wait for each other. */
export function defaultNumWorkers(cores: number): number {
  return Math.max(1, Math.min(4, cores));
}

export function defaultRunConfig(
  datasetId: string,
  strategy: Strategy = 'head',
  cores = 4,
): RunConfig {
  return {
    datasetId,
    backbone: defaultBackbone,
    strategy,
    epochs: 20,
    batchSize: 32,
    learningRate: defaultLearningRate[strategy],
    imageSize: 224,
    augment: 'course',
    precision: 'full',
    views: 4,
    seed: 0,
    numWorkers: defaultNumWorkers(cores),
  };
}
