/**
 * One training pass: forward through the plan with batch statistics, keeping what the gradients
 * need; then backward in reverse. No tape and no `tidy` around it: a tensor is a counted handle on
 * its data (`clone` adds one without a copy), so each step holds what it saved and lets it go as
 * soon as its own gradient is done.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { RunningStats } from '../ops/batch_norm/batch-norm.ts';
import { as2d, as4d } from '../ops/shape.ts';
import { imageInput } from './graph.ts';
import type { Pace } from './pace.ts';
import type { ConvStep, Plan } from './plan.ts';
import {
  runStep,
  type Gradients,
  type PassOptions,
  type Ran,
  type WeightSource,
} from './train-steps.ts';

export interface ForwardResult {
  readonly features: tf.Tensor2D;
  readonly running: Map<ConvStep, RunningStats>; // updated statistics, the caller's to keep
  backward(dFeatures: tf.Tensor2D, pace: Pace): Promise<Gradients>;
  dispose(): void;
}

export async function forwardTrain(
  plan: Plan,
  image: tf.Tensor4D,
  weights: WeightSource,
  pace: Pace,
  options: PassOptions,
): Promise<ForwardResult> {
  const values = new Map<string, tf.Tensor4D>([[imageInput, image.clone()]]);
  const left = new Map(plan.uses);
  const ran: Ran[] = [];
  const running = new Map<ConvStep, RunningStats>();
  const release = () => {
    for (const { saved } of ran) tf.dispose([...saved]);
    ran.length = 0;
  };
  try {
    for (const step of plan.steps) {
      await pace.rest();
      const inputs = step.inputs.map((name) => take(values, name));
      const { y, ...rest } = runStep(step, inputs, { weights, running, ...options });
      ran.push(rest);
      values.set(step.output, y);
      for (const name of step.inputs) {
        const uses = (left.get(name) ?? 0) - 1;
        left.set(name, uses);
        if (uses === 0) drop(values, name);
      }
    }
    const pooled = take(values, plan.features);
    const features = as2d(pooled, [pooled.shape[0], pooled.shape[3]]);
    return {
      features,
      running,
      backward: (dFeatures, backPace) => walkBack(ran, plan, dFeatures, backPace),
      dispose: release,
    };
  } catch (error) {
    release();
    for (const stats of running.values()) tf.dispose([stats.mean, stats.variance]);
    throw error;
  } finally {
    tf.dispose([...values.values()]);
  }
}

async function walkBack(
  ran: Ran[],
  plan: Plan,
  dFeatures: tf.Tensor2D,
  pace: Pace,
): Promise<Gradients> {
  const [n, d] = dFeatures.shape;
  const pending = new Map<string, tf.Tensor4D>([[plan.features, as4d(dFeatures, [n, 1, 1, d])]]);
  const gradients: Gradients = new Map();
  try {
    for (let entry = ran.pop(); entry !== undefined; entry = ran.pop()) {
      try {
        await pace.rest();
        const dy = take(pending, entry.step.output);
        const parts = entry.backward(dy, gradients);
        drop(pending, entry.step.output);
        entry.step.inputs.forEach((name, i) => accumulate(pending, name, parts[i] ?? null));
      } finally {
        tf.dispose([...entry.saved]);
      }
    }
    return gradients;
  } catch (error) {
    tf.dispose([...gradients.values()]);
    throw error;
  } finally {
    tf.dispose([...pending.values()]);
  }
}

function accumulate(
  pending: Map<string, tf.Tensor4D>,
  name: string,
  part: tf.Tensor4D | null,
): void {
  if (part === null) return;
  const before = pending.get(name);
  pending.set(name, before ? tf.add(before, part) : part);
  if (before) tf.dispose([before, part]);
}

function take(values: Map<string, tf.Tensor4D>, name: string): tf.Tensor4D {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value for ${name}`);
  return value;
}

function drop(values: Map<string, tf.Tensor4D>, name: string): void {
  values.get(name)?.dispose();
  values.delete(name);
}
