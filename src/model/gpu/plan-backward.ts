/** The way back through a plan: the gradient of every trained parameter. */
import { finalizeGradient, gradientApply } from '../../ops/batch_norm/gradient.wgsl.ts';
import { convFilterGradient } from '../../ops/conv2d/filter-gradient.wgsl.ts';
import { convInputGradient } from '../../ops/conv2d/gather.wgsl.ts';
import {
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from '../../ops/depthwise_conv2d/depthwise.wgsl.ts';
import { globalAvgPoolGradientProgram } from '../../ops/global_avg_pool/global-avg-pool.wgsl.ts';
import { padded } from '../../ops/gpu/program.ts';
import { sumChunks } from '../../ops/gpu/sum-chunks.wgsl.ts';
import { maxPoolGradientProgram } from '../../ops/max_pool/max-pool.wgsl.ts';
import { resolveWindow } from '../../ops/window.ts';
import { isDepthwise } from '../graph.ts';
import type { ConvStep, Step } from '../plan.ts';
import { coefOf, createGradients, type Gradients } from './gradients.ts';
import type { PlanContext } from './plan-context.ts';
import { valueOf, type ForwardRecord } from './plan-forward.ts';
import type { ArenaTensor, Tensor } from './tensors.ts';
import { floatsOf, readTensors, rowsOf, sourceOf, type Value } from './values.ts';

export interface BackwardPlan {
  /** Where the head writes the gradient of the features; null: nothing before it is trained. */
  readonly features: ArenaTensor | null;
  /** To be called once the head has written it. */
  emit(): void;
}

export function planBackward(context: PlanContext, forward: ForwardRecord): BackwardPlan {
  const { steps, featureName } = context;
  const { values } = forward;
  const inputsOf = ({ step }: Value): Value[] =>
    (step?.inputs ?? []).map((name) => valueOf(values, name));
  const readers = new Map<string, Value[]>();
  for (const step of steps) {
    const output = valueOf(values, step.output);
    for (const input of inputsOf(output)) {
      if (input.trained) readers.set(input.name, [...(readers.get(input.name) ?? []), output]);
    }
  }
  const features = valueOf(values, featureName);
  readers.set(featureName, [features]); // the head reads it
  const gradients = createGradients(context, readers, inputsOf);
  if (!features.trained) return { features: null, emit: () => undefined };
  return {
    features: gradients.open(features).tensor,
    emit() {
      gradients.close(features);
      for (const step of steps.toReversed()) {
        const output = valueOf(values, step.output);
        if (output.trained) stepBack(context, forward, gradients, step, output);
      }
    },
  };
}

function stepBack(
  context: PlanContext,
  { values, winners }: ForwardRecord,
  gradients: Gradients,
  step: Step,
  output: Value,
): void {
  const { recorder, batch, storage } = context;
  const [x, other] = step.inputs.map((name) => valueOf(values, name));
  if (x === undefined) throw new Error(`${step.output}: no input`);
  switch (step.kind) {
    case 'conv':
      convBack(context, gradients, step, output, x);
      break;
    case 'add': {
      const { tensor } = gradients.take(output);
      const inputs = other === undefined ? [x] : [x, other];
      gradients.share(
        inputs.filter(({ trained }) => trained),
        tensor,
      );
      break;
    }
    case 'max_pool': {
      const won = winners.get(step.output);
      if (won === undefined) throw new Error(`${step.output}: no winners`);
      const { tensor } = gradients.take(output);
      const window = resolveWindow([x.shape[0], x.shape[1]], step.node);
      const into = gradients.open(x);
      const shape = { batch, channels: x.shape[2], window };
      const program = maxPoolGradientProgram(shape, { ...into, storage });
      recorder.emit(step.output, program, [tensor, won, into.tensor]);
      gradients.close(x);
      break;
    }
    case 'global_avg_pool': {
      const { tensor } = gradients.take(output);
      const into = gradients.open(x);
      if (into.accumulate) throw new Error(`${step.output}: its input has another reader`);
      const shape = { batch, channels: x.shape[2], pixels: rowsOf(x) };
      const program = globalAvgPoolGradientProgram(shape, { storage });
      recorder.emit(step.output, program, [tensor, into.tensor]);
      gradients.close(x);
      break;
    }
    default:
      step satisfies never;
  }
}

function convBack(
  context: PlanContext,
  gradients: Gradients,
  step: ConvStep,
  output: Value,
  x: Value,
): void {
  const { recorder, batch, layout, choices, storage } = context;
  const { conv, norm } = step;
  if (context.isFrozen(step)) throw new Error(`${conv.name} is frozen behind a trained layer`);
  const channels = conv.outChannels;
  const window = resolveWindow([x.shape[0], x.shape[1]], conv);
  const dz = normBack(context, gradients, output, norm.name);
  const gradientOfFilter = layout.trained(`${conv.name}.weight`, 'gradients');
  const weight = layout.tensor(`${conv.name}.weight`);

  if (isDepthwise(conv)) {
    const shape = { batch, channels, window };
    const chunks = choices.depthwiseChunks(shape);
    const program = depthwiseFilterGradient(shape, sourceOf(x), chunks, { storage });
    const size = conv.kernel ** 2 * channels;
    emitInChunks(context, conv.name, size, chunks, gradientOfFilter, (into) => {
      recorder.emit(conv.name, program, [...readTensors(x), dz, into]);
    });
    if (!x.trained) return;
    const into = gradients.open(x);
    const inputProgram = depthwiseInputGradient(shape, { ...into, storage });
    recorder.emit(conv.name, inputProgram, [dz, weight, into.tensor]);
    gradients.close(x);
    return;
  }
  const shape = { batch, inChannels: conv.inChannels, outChannels: channels, window };
  const tile = choices.filter(shape);
  const chunks = choices.filterChunks(shape, tile);
  const program = convFilterGradient(shape, sourceOf(x), tile, chunks, { storage });
  const size = conv.kernel ** 2 * conv.inChannels * channels;
  emitInChunks(context, conv.name, size, chunks, gradientOfFilter, (into) => {
    recorder.emit(conv.name, program, [...readTensors(x), dz, into]);
  });
  if (!x.trained) return;
  const into = gradients.open(x);
  const inputTile = choices.gather('input', shape);
  const inputProgram = convInputGradient(shape, inputTile, { ...into, storage });
  recorder.emit(conv.name, inputProgram, [dz, weight, into.tensor]);
  gradients.close(x);
}

/** Through batch norm and activation: the gradient of the convolution's raw output. */
function normBack(
  context: PlanContext,
  gradients: Gradients,
  output: Value,
  norm: string,
): ArenaTensor {
  const { recorder, batch, layout, choices, storage } = context;
  const { tensor, sums, alone } = gradients.take(output);
  if (sums === null) throw new Error(`${norm}: its gradient was not summed`);
  const channels = output.shape[2];
  const rowsPerImage = rowsOf(output);
  const { partials, sink, target, chunks } = sums;
  const { barriers } = choices;
  const back = recorder.tensor(`${norm} back`, 4 * padded(channels));
  const finalize = finalizeGradient({
    batch,
    channels,
    rowsPerImage,
    parts: chunks,
    sink,
    target,
    barriers,
    statistics: 'batch',
  });
  recorder.emit(norm, finalize, [
    partials,
    coefOf(output),
    layout.trained(`${norm}.weight`, 'gradients'),
    layout.trained(`${norm}.bias`, 'gradients'),
    back,
  ]);
  const apply = gradientApply({ batch, channels, rowsPerImage, inPlace: alone, storage });
  if (alone) {
    recorder.emit(norm, apply, [tensor, output.map, back]);
    return tensor;
  }
  const dz = recorder.tensor(`gradient of ${norm}`, batch * floatsOf(output), storage);
  recorder.emit(norm, apply, [tensor, output.map, back, dz]);
  return dz;
}

/** A sum that is split writes its parts first, then adds them up. */
export function emitInChunks(
  { recorder }: PlanContext,
  node: string,
  size: number,
  chunks: number,
  total: Tensor,
  emit: (into: Tensor) => void,
): void {
  if (chunks === 1) {
    emit(total);
    return;
  }
  const parts = recorder.tensor(`${node} parts`, size * chunks);
  emit(parts);
  recorder.emit(node, sumChunks(size, chunks), [parts, total]);
}
