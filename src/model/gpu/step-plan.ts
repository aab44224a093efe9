/**
 * The static plan of a step: everything that happens on the GPU, in order, with the place of every
 * tensor, made from the description before any buffer exists. The same plan gives what a step costs
 * (FLOPs, bytes, dispatches) and how much memory it takes.
 */
import type { OptimizerOptions, OptimizerRule } from '../../ops/optimizer/optimizer.wgsl.ts';
import { momentCount, optimizerStep } from '../../ops/optimizer/optimizer.wgsl.ts';
import { clipFactor, normParts, squaredNorm } from '../../ops/optimizer/optimizer.wgsl.ts';
import type { Storage } from '../../ops/gpu/map.ts';
import {
  checkGradients,
  defaultLossScale,
  type LossScaleOptions,
} from '../../ops/optimizer/loss-scale.wgsl.ts';
import type { Backbone } from '../graph.ts';
import { parameterSpecs } from '../parameters.ts';
import { makePlan, type ConvStep } from '../plan.ts';
import { layOut, type Arena } from './arena.ts';
import type { KernelChoices } from './kernel-choices.ts';
import { layOutParameters, type ParameterLayout } from './parameter-layout.ts';
import { planBackward } from './plan-backward.ts';
import type { PlanContext } from './plan-context.ts';
import { planForward, valueOf } from './plan-forward.ts';
import type { Value } from './values.ts';
import { padded } from '../../ops/gpu/program.ts';
import { planHead, planLoss, type LossOptions } from './plan-head.ts';
import { createRecorder, type PlannedDispatch, type Recorder } from './recorder.ts';
import { scalerTensor, type ArenaTensor, type Region, type Tensor } from './tensors.ts';

export interface PlanOptions {
  readonly backbone: Backbone;
  readonly classes: number;
  readonly batch: number; // the largest; a smaller one runs through the same plan
  readonly size: number; // px
  readonly choices: KernelChoices;
  readonly slabBytes: number; // the most that one buffer may hold and bind
  /** Stages that stay as they are, from the first on; their batch norm uses running statistics. */
  readonly frozenStages?: readonly string[];
  /** Of maps and their gradients; 'f16' takes half the memory, and scales the loss by itself. */
  readonly storage?: Storage;
}

export interface TrainOptions {
  readonly rule: OptimizerRule;
  readonly loss?: LossOptions;
  readonly clipNorm?: number | null;
  readonly ema?: boolean;
  /** Where maps are stored as f16. */
  readonly lossScale?: LossScaleOptions;
}

export interface StepPlan {
  /** Before the first step, and again when frozen weights or running statistics have changed. */
  readonly setup: readonly PlannedDispatch[];
  readonly dispatches: readonly PlannedDispatch[];
  readonly arena: Arena;
  readonly layout: ParameterLayout;
  readonly logits: ArenaTensor;
  readonly features: Tensor;
  readonly batch: number;
  /** What a batch is made of: rows of channels, as many a sample. */
  readonly input: { readonly rows: number; readonly channels: number };
  readonly storage: Storage;
}

/** Forward, loss, backward, optimizer. */
export function planTraining(options: PlanOptions, train: TrainOptions): StepPlan {
  return makeStepPlan(options, options.frozenStages ?? [], (context, recorder) => {
    const forward = planForward(context);
    const features = valueOf(forward.values, context.featureName);
    const logits = planHead(context, features);
    const backward = planBackward(context, forward);
    const loss = train.loss ?? { labelSmoothing: 0 };
    planLoss(context, features, logits, backward.features, loss);
    backward.emit();
    planOptimizer(recorder, context, train);
    return { logits, features: features.map };
  });
}

/** Forward alone, with running statistics everywhere. */
export function planEvaluation(options: PlanOptions): StepPlan {
  const { stages } = options.backbone;
  return makeStepPlan(options, stages, (context) => {
    const { values } = planForward(context);
    const features = valueOf(values, context.featureName);
    const logits = planHead(context, features);
    return { logits, features: features.map };
  });
}

/** A head alone, on features [N, D] that were computed before. */
export function planHeadTraining(options: PlanOptions, train: TrainOptions): StepPlan {
  return makeHeadPlan(options, (context, features, recorder) => {
    const logits = planHead(context, features);
    planLoss(context, features, logits, null, train.loss ?? { labelSmoothing: 0 });
    planOptimizer(recorder, context, train);
    return logits;
  });
}

export function planHeadEvaluation(options: PlanOptions): StepPlan {
  return makeHeadPlan(options, planHead);
}

function makeHeadPlan(
  options: PlanOptions,
  build: (context: PlanContext, features: Value, recorder: Recorder) => ArenaTensor,
): StepPlan {
  const { backbone, batch } = options;
  const channels = backbone.featureDim;
  const features: Value = {
    name: 'features',
    shape: [1, 1, channels],
    map: { kind: 'region', region: 'image', offset: 0, bytes: 4 * batch * padded(channels) },
    storage: 'f32',
    coef: null,
    activation: 'linear',
    step: null,
    trained: false,
  };
  const head = backbone.nodes.filter(({ name }) => name === backbone.headName);
  const alone: PlanOptions = { ...options, backbone: { ...backbone, nodes: head }, storage: 'f32' };
  const buildHead = (context: PlanContext, recorder: Recorder) => ({
    logits: build(context, features, recorder),
    features: features.map,
  });
  return makeStepPlan(alone, [], buildHead, { rows: 1, channels });
}

function makeStepPlan(
  options: PlanOptions,
  frozenForNorms: readonly string[],
  build: (context: PlanContext, recorder: Recorder) => { logits: ArenaTensor; features: Tensor },
  input = { rows: options.size ** 2, channels: 3 },
): StepPlan {
  const { backbone, classes, batch, size, choices, slabBytes, frozenStages = [] } = options;
  const { storage = 'f32' } = options;
  const layout = layoutFor(backbone, classes, frozenStages);
  const { steps, features: featureName } = makePlan(backbone);
  const recorder = createRecorder();
  const setup: PlannedDispatch[] = [];
  const kept: ArenaTensor[] = [];
  const frozen = new Set(frozenForNorms);
  const result = build(
    {
      backbone,
      steps,
      featureName,
      batch,
      size,
      classes,
      storage,
      layout,
      choices,
      recorder,
      isFrozen: ({ conv }: ConvStep) => frozen.has(conv.stage),
      constant(node, program, tensors, tensor) {
        setup.push({ node, program, tensors });
        kept.push(tensor);
      },
    },
    recorder,
  );
  const uses = recorder.dispatches.map(({ tensors }) => tensors);
  const { logits, features } = result;
  const keep = [...kept, logits, ...(features.kind === 'arena' ? [features] : [])];
  const arena = layOut(uses, slabBytes, keep);
  return {
    setup,
    dispatches: recorder.dispatches,
    arena,
    layout,
    ...result,
    batch,
    input,
    storage,
  };
}

/** Training and evaluation of the same network agree on where its parameters lie. */
function layoutFor(
  backbone: Backbone,
  classes: number,
  frozenStages: readonly string[],
): ParameterLayout {
  const frozen = new Set(frozenStages);
  const stageOf = new Map(backbone.nodes.map(({ name, stage }) => [name, stage]));
  const specs = parameterSpecs(backbone, classes);
  return layOutParameters(specs, ({ name }) => {
    const node = name.slice(0, name.lastIndexOf('.'));
    return !frozen.has(stageOf.get(node) ?? '');
  });
}

function planOptimizer(
  recorder: Recorder,
  { layout, storage, choices }: PlanContext,
  train: TrainOptions,
): void {
  const { trainedOffset: offset, trainedBytes: bytes } = layout;
  const all = (region: Region): Tensor => ({ kind: 'region', region, offset: 0, bytes });
  const size = bytes / 4;
  const { rule, clipNorm = null, ema = false } = train;
  const scaler = storage === 'f16';
  const scalers = scaler ? [scalerTensor] : [];
  const clips = clipNorm !== null;
  const options: OptimizerOptions = { size, rule, clip: clips, ema, groups: false, scaler };
  if (scaler) {
    const check = checkGradients(size, choices.reductionLanes, train.lossScale ?? defaultLossScale);
    recorder.emit('optimizer', check, [all('gradients'), scalerTensor]);
  }
  const clip = recorder.tensor('clip factor', 4);
  if (clipNorm !== null) {
    const parts = recorder.tensor('squared norms', normParts);
    recorder.emit('optimizer', squaredNorm(size, { scaler }), [
      all('gradients'),
      parts,
      ...scalers,
    ]);
    recorder.emit('optimizer', clipFactor(clipNorm), [parts, clip]);
  }
  const moments: Region[] = ['moments1', 'moments2'];
  recorder.emit('optimizer', optimizerStep(options), [
    { kind: 'region', region: 'parameters', offset, bytes },
    all('gradients'),
    ...moments.slice(0, momentCount(rule)).map(all),
    ...(clipNorm === null ? [] : [clip]),
    ...(ema ? [all('averages')] : []),
    ...scalers,
  ]);
}
