/**
 * One step of a training pass, forward, with the way back through it: which ops it is made of, and
 * what of it must stay until its gradient is done.
 */
import * as tf from '@tensorflow/tfjs-core';
import { activationGradient } from '../ops/activation/activation.ts';
import { add } from '../ops/add/add.ts';
import {
  batchNormTrain,
  batchNormTrainGradient,
  type BatchNormParams,
  type RunningStats,
} from '../ops/batch_norm/batch-norm.ts';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from '../ops/conv2d/conv2d.ts';
import {
  depthwiseConv2d,
  depthwiseConv2dFilterGradient,
  depthwiseConv2dInputGradient,
} from '../ops/depthwise_conv2d/depthwise-conv2d.ts';
import { globalAvgPool, globalAvgPoolGradient } from '../ops/global_avg_pool/global-avg-pool.ts';
import { maxPool, maxPoolGradient } from '../ops/max_pool/max-pool.ts';
import { as2d, as4d } from '../ops/shape.ts';
import { resolveWindow } from '../ops/window.ts';
import { imageInput, isDepthwise } from './graph.ts';
import type { AddStep, ConvStep, GlobalAvgPoolStep, MaxPoolStep, Step } from './plan.ts';

/** The weights a pass reads; it changes none of them. */
export interface WeightSource {
  filter(step: ConvStep): tf.Tensor4D;
  norm(step: ConvStep): BatchNormParams;
  running(step: ConvStep): RunningStats;
}

export type Gradients = Map<string, tf.Tensor>;

/** A step that ran: what it saved, and how to go back through it. */
export interface Ran {
  readonly step: Step;
  readonly saved: readonly tf.Tensor[];
  /** dy → the gradient of each input (null: not wanted); parameters' go into `gradients`. */
  backward(dy: tf.Tensor4D, gradients: Gradients): (tf.Tensor4D | null)[];
}

/**
 * Each convolution's output is needed again by its batch norm's gradient: kept, it is half of all
 * that a pass holds; convolved again, it costs about a tenth of the pass.
 */
export interface PassOptions {
  readonly keepConvOutputs: boolean;
}

export interface StepContext extends PassOptions {
  readonly weights: WeightSource;
  readonly running: Map<ConvStep, RunningStats>;
}

export function runStep(
  step: Step,
  inputs: readonly tf.Tensor4D[],
  context: StepContext,
): Ran & { y: tf.Tensor4D } {
  const [x, other] = inputs;
  if (x === undefined) throw new Error(`${step.output}: no input`);
  switch (step.kind) {
    case 'conv':
      return runConv(step, x, context);
    case 'add':
      if (other === undefined) throw new Error(`${step.output}: one input`);
      return runAdd(step, x, other);
    case 'max_pool':
      return runMaxPool(step, x);
    case 'global_avg_pool':
      return runGlobalAvgPool(step, x);
    default:
      return step satisfies never;
  }
}

/** What `work` returns; where it throws (memory), `tensors` are not left behind. */
function orDispose<T>(tensors: tf.Tensor[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    tf.dispose(tensors);
    throw error;
  }
}

function runConv(
  step: ConvStep,
  x: tf.Tensor4D,
  { weights, running, keepConvOutputs }: StepContext,
): Ran & { y: tf.Tensor4D } {
  const { conv, norm, activation } = step;
  const depthwise = isDepthwise(conv);
  const window = resolveWindow([x.shape[1], x.shape[2]], conv);
  const filter = weights.filter(step);
  const convolve = depthwise ? depthwiseConv2d : conv2d;
  const z = convolve(x, filter, window);
  const forward = orDispose([z], () =>
    batchNormTrain(z, weights.norm(step), weights.running(step), {
      eps: norm.eps,
      momentum: norm.momentum,
      activation,
    }),
  );
  const { y, stats } = forward;
  running.set(step, forward.running);
  const kept = x.clone();
  const keptY = y.clone();
  if (!keepConvOutputs) z.dispose();
  return {
    y,
    step,
    saved: [kept, z, keptY, stats.mean, stats.invStd],
    backward(dy, gradients) {
      const { weight } = weights.norm(step);
      const again = keepConvOutputs ? z : convolve(kept, filter, window);
      const back = orDispose([again], () =>
        batchNormTrainGradient(dy, { x: again, y: keptY, stats }, weight, activation),
      );
      again.dispose();
      gradients.set(`${norm.name}.weight`, back.dWeight);
      gradients.set(`${norm.name}.bias`, back.dBias);
      const dz = back.dx;
      const dx = orDispose([dz], () => {
        const filterGradient = depthwise ? depthwiseConv2dFilterGradient : conv2dFilterGradient;
        gradients.set(`${conv.name}.weight`, filterGradient(kept, dz, window));
        if (conv.input === imageInput) return null; // nobody asks for the picture's gradient
        const inputGradient = depthwise ? depthwiseConv2dInputGradient : conv2dInputGradient;
        return inputGradient(dz, filter, window);
      });
      dz.dispose();
      return [dx];
    },
  };
}

function runAdd(step: AddStep, a: tf.Tensor4D, b: tf.Tensor4D): Ran & { y: tf.Tensor4D } {
  const { activation } = step;
  const y = add(a, b, activation);
  const kept = activation === 'linear' ? null : y.clone();
  return {
    y,
    step,
    saved: kept ? [kept] : [],
    backward(dy) {
      const g = kept ? activationGradient(dy, kept, activation) : dy.clone();
      return [g, g.clone()];
    },
  };
}

function runMaxPool(step: MaxPoolStep, x: tf.Tensor4D): Ran & { y: tf.Tensor4D } {
  const window = resolveWindow([x.shape[1], x.shape[2]], step.node);
  const y = maxPool(x, window);
  const saved = { x: x.clone(), y: y.clone() };
  return {
    y,
    step,
    saved: [saved.x, saved.y],
    backward: (dy) => [maxPoolGradient(dy, saved, window)],
  };
}

function runGlobalAvgPool(step: GlobalAvgPoolStep, x: tf.Tensor4D): Ran & { y: tf.Tensor4D } {
  const [n, h, w, c] = x.shape;
  const pooled = globalAvgPool(x);
  const y = as4d(pooled, [n, 1, 1, c]);
  pooled.dispose();
  return {
    y,
    step,
    saved: [],
    backward(dy) {
      const flat = as2d(dy, [n, c]);
      const dx = globalAvgPoolGradient(flat, [h, w]);
      flat.dispose();
      return [dx];
    },
  };
}
