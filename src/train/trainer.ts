/**
 * What every strategy of training has in common. The words are those of pytorch/vision's
 * `references/classification`: train one epoch, evaluate, and a checkpoint of model and optimizer.
 * Where the photos come from is not this room's business: a `PhotoSource` is handed in.
 */
import type { StateDict } from '../model/state-dict.ts';
import type { CroppedPhoto } from '../ops/augment/augment.wgsl.ts';
import type { RunStage } from '../protocol/run.ts';
import type { Random } from '../util/random.ts';
import type { OptimizerState } from './optimizers/adam.ts';

export interface Batch {
  ids: number[]; // Sample.id
  labels: Int32Array; // [N]
  inputs: Inputs;
}

/**
 * Pictures [N, S, S, 3], normalized; or, for a GPU that crops, resizes and normalizes by itself, the
 * photos as they were decoded.
 */
export type Inputs = Float32Array | readonly CroppedPhoto[];

/** One of several augmented views of the same photos. */
export interface ViewBatch extends Batch {
  view: number;
}

export interface PhotoSource {
  imageSize: number; // S, px
  trainCount: number;
  valCount: number;
  /** One augmented view of each training photo, in a random order. */
  trainBatches(random: Random, signal: AbortSignal): AsyncIterable<Batch>;
  /** All `views` of the training photos, in their own order; a photo is decoded once. */
  viewBatches(views: number, random: Random, signal: AbortSignal): AsyncIterable<ViewBatch>;
  /** The validation photos, in their own order, as evaluation sees them. */
  valBatches(signal: AbortSignal): AsyncIterable<Batch>;
}

/** What the network said about the validation photos, on the CPU. */
export interface Outputs {
  ids: number[];
  labels: Int32Array; // [N]
  logits: Float32Array; // [N, C]
  classes: number; // C
}

export interface TrainTotals {
  loss: number; // mean over photos
  top1: number;
  count: number; // photos trained on
  steps: number;
  dropped: number; // photos left out, see full-trainer
}

/** `photos` more went through the network in this stage. */
export interface Tick {
  stage: Extract<RunStage, { stage: 'preparing' | 'training' | 'validating' }>;
  photos: number;
  runningLoss: number | null;
}

export interface TrainerContext {
  signal: AbortSignal;
  onTick(tick: Tick): void;
}

/** How much a stage has to do: `cost` is what a photo costs, in passes forward of the network. */
export interface StageWork {
  photos: number;
  cost: number;
}

/** What the time left is estimated from, until it has been measured. */
export interface WorkPlan {
  preparing: StageWork;
  training: StageWork; // an epoch
  validating: StageWork; // an epoch
}

export interface Trainer {
  readonly work: WorkPlan;
  /** Once, before the first epoch. */
  prepare(context: TrainerContext): Promise<void>;
  /** `epoch` counts from 1 and seeds what is random in it, so that a resumed run is the same run. */
  trainEpoch(epoch: number, context: TrainerContext): Promise<TrainTotals>;
  validate(epoch: number, context: TrainerContext): Promise<Outputs>;
  /** The weights that this strategy changes, under PyTorch's names. */
  weights(): Promise<StateDict>;
  optimizerState(): Promise<OptimizerState>;
  /** Goes on with the optimizer of a checkpoint; the network's weights are its owner's business. */
  restoreOptimizer(state: OptimizerState): void;
}
