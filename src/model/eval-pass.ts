/**
 * Evaluation: batch norm folded into the convolutions, activations fused, nothing kept. Values live
 * until their last reader.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add } from '../ops/add/add.ts';
import { foldBatchNorm, type FoldedConv } from '../ops/batch_norm/fold.ts';
import { conv2d } from '../ops/conv2d/conv2d.ts';
import { depthwiseConv2d } from '../ops/depthwise_conv2d/depthwise-conv2d.ts';
import { globalAvgPool } from '../ops/global_avg_pool/global-avg-pool.ts';
import { maxPool } from '../ops/max_pool/max-pool.ts';
import { as2d, as4d } from '../ops/shape.ts';
import { resolveWindow } from '../ops/window.ts';
import { imageInput, isDepthwise } from './graph.ts';
import type { Pace } from './pace.ts';
import type { ConvStep, Plan, Step } from './plan.ts';
import type { WeightSource } from './train-steps.ts';

/** The folded weights of a plan, made when first asked for. */
export class FoldedWeights {
  readonly #weights: WeightSource;
  readonly #folded = new Map<ConvStep, FoldedConv>();

  constructor(weights: WeightSource) {
    this.#weights = weights;
  }

  get(step: ConvStep): FoldedConv {
    const known = this.#folded.get(step);
    if (known) return known;
    const { filter, norm, running } = this.#weights;
    const folded = foldBatchNorm(filter(step), norm(step), running(step), {
      eps: step.norm.eps,
      depthwise: isDepthwise(step.conv),
    });
    this.#folded.set(step, folded);
    return folded;
  }

  /** After a weight or a statistic changed. */
  clear(): void {
    for (const { filter, bias } of this.#folded.values()) tf.dispose([filter, bias]);
    this.#folded.clear();
  }
}

/** x [N,H,W,3] → [N,D] */
export async function forwardEval(
  plan: Plan,
  image: tf.Tensor4D,
  weights: FoldedWeights,
  pace: Pace,
): Promise<tf.Tensor2D> {
  const values = new Map<string, tf.Tensor4D>([[imageInput, image.clone()]]);
  const left = new Map(plan.uses);
  try {
    for (const step of plan.steps) {
      await pace.rest();
      values.set(step.output, runStep(step, values, weights));
      for (const name of step.inputs) {
        const uses = (left.get(name) ?? 0) - 1;
        left.set(name, uses);
        if (uses > 0) continue;
        values.get(name)?.dispose();
        values.delete(name);
      }
    }
    const pooled = read(values, plan.features);
    return as2d(pooled, [pooled.shape[0], pooled.shape[3]]);
  } finally {
    tf.dispose([...values.values()]);
  }
}

function read(values: ReadonlyMap<string, tf.Tensor4D>, name: string): tf.Tensor4D {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value for ${name}`);
  return value;
}

function runStep(
  step: Step,
  values: ReadonlyMap<string, tf.Tensor4D>,
  weights: FoldedWeights,
): tf.Tensor4D {
  const x = read(values, step.inputs[0]);
  switch (step.kind) {
    case 'conv': {
      const { filter, bias } = weights.get(step);
      const window = resolveWindow([x.shape[1], x.shape[2]], step.conv);
      const convolve = isDepthwise(step.conv) ? depthwiseConv2d : conv2d;
      return convolve(x, filter, window, { bias, activation: step.activation });
    }
    case 'add':
      return add(x, read(values, step.inputs[1]), step.activation);
    case 'max_pool':
      return maxPool(x, resolveWindow([x.shape[1], x.shape[2]], step.node));
    case 'global_avg_pool':
      return tf.tidy(() => as4d(globalAvgPool(x), [x.shape[0], 1, 1, x.shape[3]]));
    default:
      return step satisfies never;
  }
}
