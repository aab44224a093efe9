/** The forward half of a plan: every step's dispatches, and the values that they leave. */
import { addForward } from '../../ops/add/add.wgsl.ts';
import {
  finalizeStatistics,
  runningCoefficients,
  statistics,
  statisticsPartials,
} from '../../ops/batch_norm/statistics.wgsl.ts';
import { convForward } from '../../ops/conv2d/gather.wgsl.ts';
import { depthwiseForward } from '../../ops/depthwise_conv2d/depthwise.wgsl.ts';
import { globalAvgPoolForward } from '../../ops/global_avg_pool/global-avg-pool.wgsl.ts';
import { chunksFor } from '../../ops/gpu/chunks.ts';
import type { Storage } from '../../ops/gpu/map.ts';
import { padded } from '../../ops/gpu/program.ts';
import { coefficientRowCount } from '../../ops/gpu/source.ts';
import { maxPoolForward } from '../../ops/max_pool/max-pool.wgsl.ts';
import { resolveWindow } from '../../ops/window.ts';
import { imageInput, isDepthwise } from '../graph.ts';
import type { AddStep, ConvStep, GlobalAvgPoolStep, MaxPoolStep, Step } from '../plan.ts';
import type { MapShape } from '../trace.ts';
import type { PlanContext } from './plan-context.ts';
import { storedBytes, type ArenaTensor, type Tensor } from './tensors.ts';
import { floatsOf, readTensors, rowsOf, sourceOf, type Value } from './values.ts';

/** What the way back needs beside the values. */
export interface ForwardRecord {
  readonly values: ReadonlyMap<string, Value>;
  readonly winners: ReadonlyMap<string, Tensor>; // of max-pools
}

export function planForward(context: PlanContext): ForwardRecord {
  const { batch, size, storage } = context;
  const imageBytes = storedBytes(batch * size * size * padded(3), storage);
  const values = new Map<string, Value>();
  const winners = new Map<string, Tensor>();
  values.set(imageInput, {
    name: imageInput,
    shape: [size, size, 3],
    map: { kind: 'region', region: 'image', offset: 0, bytes: imageBytes },
    storage,
    coef: null,
    activation: 'linear',
    step: null,
    trained: false,
  });
  for (const step of context.steps) {
    const inputs = step.inputs.map((name) => valueOf(values, name));
    values.set(step.output, runStep(context, step, inputs, winners));
  }
  return { values, winners };
}

export function valueOf(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value for ${name}`);
  return value;
}

function runStep(
  context: PlanContext,
  step: Step,
  inputs: readonly Value[],
  winners: Map<string, Tensor>,
): Value {
  const [x, other] = inputs;
  if (x === undefined) throw new Error(`${step.output}: no input`);
  switch (step.kind) {
    case 'conv':
      return runConv(context, step, x);
    case 'add':
      if (other === undefined) throw new Error(`${step.output}: one input`);
      return runAdd(context, step, x, other);
    case 'max_pool':
      return runMaxPool(context, step, x, winners);
    case 'global_avg_pool':
      return runGlobalAvgPool(context, step, x);
    default:
      return step satisfies never;
  }
}

function newMap(
  { recorder, batch }: PlanContext,
  label: string,
  shape: MapShape,
  storage: Storage,
): ArenaTensor {
  return recorder.tensor(label, batch * floatsOf({ shape }), storage);
}

function runConv(context: PlanContext, step: ConvStep, x: Value): Value {
  const { recorder, batch, layout, choices, storage } = context;
  const { conv, norm, activation } = step;
  const channels = conv.outChannels;
  const window = resolveWindow([x.shape[0], x.shape[1]], conv);
  const shape: MapShape = [...window.outSize, channels];
  const z = newMap(context, conv.name, shape, storage);
  const weight = layout.tensor(`${conv.name}.weight`);
  if (isDepthwise(conv)) {
    const program = depthwiseForward({ batch, channels, window }, sourceOf(x), { storage });
    recorder.emit(conv.name, program, [...readTensors(x), weight, z]);
  } else {
    const convShape = { batch, inChannels: conv.inChannels, outChannels: channels, window };
    const tile = choices.gather('forward', convShape);
    const program = convForward(convShape, sourceOf(x), tile, { storage });
    recorder.emit(conv.name, program, [...readTensors(x), weight, z]);
  }
  const coef = recorder.tensor(`${norm.name} coefficients`, coefficientRowCount * padded(channels));
  const ofNorm = ['weight', 'bias', 'running_mean', 'running_var'].map((suffix) =>
    layout.tensor(`${norm.name}.${suffix}`),
  );
  const { eps, momentum } = norm;
  const frozen = context.isFrozen(step);
  if (frozen) {
    context.constant(norm.name, runningCoefficients({ channels, eps }), [...ofNorm, coef], coef);
  } else {
    const rowsPerImage = window.outSize[0] * window.outSize[1];
    const chunks = chunksFor(rowsPerImage, padded(channels) / 4, batch, choices.reductionLanes);
    const { barriers } = choices;
    const options = { batch, channels, chunks, eps, momentum, barriers, storage };
    const partials = recorder.tensor(`${norm.name} partials`, statisticsPartials(options));
    recorder.emit(norm.name, statistics(options), [z, partials]);
    recorder.emit(norm.name, finalizeStatistics(options), [partials, ...ofNorm, coef]);
  }
  const trained = x.trained || !frozen;
  return { name: step.output, shape, map: z, storage, coef, activation, step, trained };
}

function runAdd(context: PlanContext, step: AddStep, a: Value, b: Value): Value {
  const { recorder, batch, storage } = context;
  const map = newMap(context, step.output, a.shape, storage);
  const shape = { batch, channels: a.shape[2], rowsPerImage: rowsOf(a) };
  const program = addForward(shape, [sourceOf(a), sourceOf(b)], step.activation, { storage });
  recorder.emit(step.output, program, [...readTensors(a), ...readTensors(b), map]);
  return stored(step, a.shape, map, storage, a.trained || b.trained);
}

function runMaxPool(
  context: PlanContext,
  step: MaxPoolStep,
  x: Value,
  winners: Map<string, Tensor>,
): Value {
  const { recorder, batch, storage } = context;
  const [height, width, channels] = x.shape;
  const window = resolveWindow([height, width], step.node);
  const shape: MapShape = [...window.outSize, channels];
  const map = newMap(context, step.output, shape, storage);
  const won = recorder.tensor(`${step.output} winners`, (batch * floatsOf({ shape })) / 4);
  const program = maxPoolForward({ batch, channels, window }, sourceOf(x), { storage });
  recorder.emit(step.output, program, [...readTensors(x), map, won]);
  winners.set(step.output, won);
  return stored(step, shape, map, storage, x.trained);
}

/** In f32: what the pool leaves are the features. */
function runGlobalAvgPool(context: PlanContext, step: GlobalAvgPoolStep, x: Value): Value {
  const { recorder, batch } = context;
  const channels = x.shape[2];
  const shape: MapShape = [1, 1, channels];
  const map = newMap(context, step.output, shape, 'f32');
  const program = globalAvgPoolForward({ batch, channels, pixels: rowsOf(x) }, sourceOf(x));
  recorder.emit(step.output, program, [...readTensors(x), map]);
  return stored(step, shape, map, 'f32', x.trained);
}

function stored(
  step: Step,
  shape: MapShape,
  map: Tensor,
  storage: Storage,
  trained: boolean,
): Value {
  return {
    name: step.output,
    shape,
    map,
    storage,
    coef: null,
    activation: 'linear',
    step,
    trained,
  };
}
