/** What a network that trains on the GPU can do, and how one is made: plans, buffers, pipelines. */
import { createUniforms, prepare, type StepValues } from '../../ops/gpu/executor.ts';
import type { DispatchTimer } from '../../ops/gpu/timer.ts';
import type { CroppedPhoto } from '../../ops/augment/augment.wgsl.ts';
import { defaultLossScale, newScaler } from '../../ops/optimizer/loss-scale.wgsl.ts';
import { AllocationError } from '../../ops/allocation.ts';
import type { Random } from '../../util/random.ts';
import type { LoadOptions, StateDict } from '../state-dict.ts';
import { allocate, type NetworkMemory } from './memory.ts';
import type { Moments } from './parameter-access.ts';
import { createPhotoUpload } from './photo-upload.ts';
import type { PlanCosts } from './plan-costs.ts';
import { PlannedGpuNetwork, type ReadyPlan } from './planned-gpu-network.ts';
import type { PlannedDispatch } from './recorder.ts';
import {
  planEvaluation,
  planHeadEvaluation,
  planHeadTraining,
  planTraining,
  type PlanOptions,
  type StepPlan,
  type TrainOptions,
} from './step-plan.ts';

export interface GpuBatch {
  readonly count: number; // at most the plan's batch
  /** [count, S, S, 3] normalized pictures, [count, D] features, or photos to make pictures of. */
  readonly inputs: Float32Array | readonly CroppedPhoto[];
  readonly labels?: Int32Array; // [count]
}

export interface EpochSums {
  readonly loss: number; // mean over the photos since the last reset
  readonly correct: number;
  readonly count: number;
  readonly stepLoss: number; // of the last step
}

export interface TimedDispatch extends PlannedDispatch {
  readonly ns: number;
}

export interface GpuNetwork {
  readonly options: PlanOptions;
  readonly costs: PlanCosts; // of a training step, or of evaluation where nothing is trained
  loadStateDict(state: StateDict, options?: LoadOptions): void;
  loadMoments(moments: Moments): void;
  /** Uploads what the next step works on. */
  setBatch(batch: GpuBatch): void;
  /** One step on the batch that is set, submitted; resolves when the GPU has room for another. */
  trainStep(values: Omit<StepValues, 'batch'>): Promise<void>;
  /** The same step, slower: what each dispatch of it takes. */
  timedStep(values: Omit<StepValues, 'batch'>, timer: DispatchTimer): Promise<TimedDispatch[]>;
  /** Evaluation mode, submitted; the logits are kept on the GPU until `collected`. */
  collect(batch: GpuBatch): Promise<void>;
  /** All that was collected [count, C], with weights and moments as they are, in one read-back. */
  collected(): Promise<{ logits: Float32Array; state: StateDict; moments: Moments }>;
  /** Evaluation mode → features [count, D]. */
  features(batch: GpuBatch): Promise<Float32Array>;
  resetSums(): void;
  sums(): Promise<EpochSums>;
  /** The gradients of the last step by PyTorch's names, in its layout. */
  gradients(): Promise<StateDict>;
  /** The scale of the next step's loss and the steps that were skipped; null: nothing is scaled. */
  lossScaling(): Promise<{ scale: number; skipped: number } | null>;
  dispose(): void;
}

/** Which plans a network is made of. */
export type NetworkKind =
  | { readonly kind: 'full'; readonly train: TrainOptions }
  | { readonly kind: 'extractor' } // evaluation alone
  | { readonly kind: 'head'; readonly train: TrainOptions }; // on features

/** Fresh weights, as torchvision or timm draw them. */
export async function createGpuNetwork(
  device: GPUDevice,
  options: PlanOptions,
  kind: NetworkKind,
  random: Random,
): Promise<GpuNetwork> {
  const plans = plansOf(options, kind);
  const { training, evaluation } = plans;
  const memory = await allocated(device, training ? [training, evaluation] : [evaluation]);
  const uniforms = createUniforms(device);
  const ready = async (plan: StepPlan): Promise<ReadyPlan> => {
    const [setup, step] = await Promise.all([
      prepare(device, memory.bind(plan, plan.setup), uniforms),
      prepare(device, memory.bind(plan, plan.dispatches), uniforms),
    ]);
    return { plan, setup, step };
  };
  try {
    const [readyTraining, readyEvaluation, photos] = await Promise.all([
      training && ready(training),
      ready(evaluation),
      kind.kind === 'head' ? null : createPhotoUpload(device, options, memory, uniforms),
    ]);
    const network = new PlannedGpuNetwork(
      ...([device, options, memory, uniforms] as const),
      { training: readyTraining, evaluation: readyEvaluation },
      photos,
    );
    network.initialize(random);
    if (memory.has('scaler') && kind.kind !== 'extractor') {
      const { start } = kind.train.lossScale ?? defaultLossScale;
      device.queue.writeBuffer(memory.region('scaler'), 0, newScaler(start));
    }
    return network;
  } catch (error) {
    memory.destroy();
    uniforms.destroy();
    throw error;
  }
}

/** A buffer that a GPU has no room for is made all the same, and says so only to who asks. */
async function allocated(device: GPUDevice, plans: readonly StepPlan[]): Promise<NetworkMemory> {
  device.pushErrorScope('out-of-memory');
  const memory = allocate(device, plans);
  const error = await device.popErrorScope();
  if (error === null) return memory;
  memory.destroy();
  throw new AllocationError(error.message);
}

function plansOf(
  options: PlanOptions,
  kind: NetworkKind,
): { training: StepPlan | null; evaluation: StepPlan } {
  switch (kind.kind) {
    case 'full':
      return {
        training: planTraining(options, kind.train),
        evaluation: planEvaluation(options),
      };
    case 'extractor':
      return { training: null, evaluation: planEvaluation(options) };
    case 'head':
      return {
        training: planHeadTraining(options, kind.train),
        evaluation: planHeadEvaluation(options),
      };
    default:
      return kind satisfies never;
  }
}
