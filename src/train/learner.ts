/**
 * A network that learns, whatever computes it: TF.js's kernels walked node by node (on WASM), or a
 * plan on the GPU. Trainers speak to this; a batch's inputs are pictures [N, S, S, 3], or features
 * [N, D] where only a head learns.
 */
import type { StateDict } from '../model/state-dict.ts';
import type { OptimizerState } from './optimizers/adam.ts';
import type { Inputs } from './trainer.ts';

export interface LearnerBatch {
  readonly count: number; // N
  readonly inputs: Inputs;
  readonly labels: Int32Array; // [N]
}

export interface Totals {
  readonly loss: number; // mean over photos
  readonly top1: number;
  readonly count: number;
}

export interface Learner {
  readonly classes: number; // C
  /** Forward in train mode, backward, one optimizer step. */
  step(batch: LearnerBatch, learningRate: number, signal: AbortSignal): Promise<void>;
  /** The mean loss of the epoch so far, a few times a second at most; null before the first step. */
  peek(): Promise<number | null>;
  /** Loss and hits of the steps since `beginEpoch`. */
  totals(): Promise<Totals>;
  beginEpoch(): void;
  /** Evaluation mode; results are kept until `collected`. */
  collect(inputs: Inputs, count: number, signal: AbortSignal): Promise<void>;
  /** Logits of all that was collected since the last time, [M, C]. */
  collected(): Promise<Float32Array>;
  /** What this learner changes, under PyTorch's names, as it is now. */
  weights(): Promise<StateDict>;
  optimizerState(): Promise<OptimizerState>;
  restoreOptimizer(state: OptimizerState): void;
  dispose(): void;
}
