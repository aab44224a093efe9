/** A training run, its settings and what it measured. Plain data. */
import type { BackboneName, Preprocessing } from './backbone.ts';
import type { DeviceInfo, GpuCounts } from './device.ts';
import type { ErrorData } from './errors.ts';

export const strategies = ['head', 'all', 'scratch'] as const;
export type Strategy = (typeof strategies)[number];
export const augmentations = ['none', 'course'] as const;
export type Augmentation = (typeof augmentations)[number];
/** Of what a GPU keeps of a step; everything is computed in 32 bits. */
export const precisions = ['full', 'half'] as const;
export type Precision = (typeof precisions)[number];

export interface RunConfig {
  datasetId: string;
  backbone: BackboneName;
  strategy: Strategy;
  epochs: number;
  batchSize: number;
  learningRate: number;
  imageSize: number; // px, of the crop
  augment: Augmentation;
  precision: Precision; // on a GPU, when all layers are trained
  views: number; // head only: augmented views of each photo whose features are cached
  seed: number;
  numWorkers: number; // decode workers
}

/** Rates are fractions over images, not means over batches. */
export interface EpochMetrics {
  epoch: number; // from 1
  trainLoss: number;
  trainTop1: number;
  valLoss: number;
  valTop1: number;
  valTop5: number;
  learningRate: number;
  seconds: number;
}

export type RunStatus = 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted';

export interface Run {
  version: 1;
  id: string;
  createdAt: number;
  datasetId: string;
  datasetName: string;
  classes: string[];
  config: RunConfig;
  preprocessing: Preprocessing;
  device: DeviceInfo;
  userAgent: string;
  status: RunStatus;
  error: ErrorData | null;
  epochs: EpochMetrics[];
  best: BestEpoch | null;
  timings: RunTimings;
  gpu: GpuCounts | null;
}

export interface BestEpoch {
  epoch: number;
  valTop1: number;
  valTop5: number;
  interval: [number, number]; // Wilson, 95 %, of top-1
}

export interface RunTimings {
  prepareMs: number;
  trainMs: number;
  evaluateMs: number;
}

/** The best weights on the validation set. */
export interface Evaluation {
  runId: string;
  split: 'val';
  count: number;
  loss: number;
  top1: number;
  top5: number; // top-C where there are fewer than five classes
  interval: [number, number];
  top5Interval: [number, number];
  confusion: number[][]; // rows true, columns predicted
  perClass: ClassReport[];
  predictions: Prediction[];
}

/** precision, recall and f1 are null where their denominator is 0. */
export interface ClassReport {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  support: number;
}

export interface Prediction {
  sample: number; // Sample.id
  path: string;
  label: number;
  predicted: number;
  probabilities: number[];
}

/** What happens right now; `done` of `total` photos, or steps. */
export type RunStage =
  | { stage: 'loading' }
  | { stage: 'preparing'; done: number; total: number }
  | { stage: 'compiling' }
  | { stage: 'training'; epoch: number; epochs: number; step: number; steps: number }
  | { stage: 'validating'; epoch: number; epochs: number; done: number; total: number }
  | { stage: 'evaluating'; done: number; total: number }
  | { stage: 'saving' };

export type TrainEvent =
  | { kind: 'started'; run: Run }
  | {
      kind: 'progress';
      stage: RunStage;
      imagesPerSecond: number | null;
      secondsLeft: number | null;
      fraction: number; // of the whole run, 0-1, never falls
      runningLoss: number | null;
      memory: { bytes: number } | null;
    }
  | { kind: 'epoch'; metrics: EpochMetrics; best: BestEpoch }
  | { kind: 'notice'; notice: TrainNotice };

/** Said once, where it matters; never stops a run. */
export type TrainNotice =
  { notice: 'photos-skipped'; names: string[] } | { notice: 'batch-dropped'; count: number };
