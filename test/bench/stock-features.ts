/**
 * The baseline of inference: what TF.js's converter makes of such a model, its public fused ops
 * with batch norm folded into the weights beforehand.
 */
import * as tf from '@tensorflow/tfjs-core';
import { imageInput, isDepthwise, type Backbone } from '../../src/model/graph.ts';
import { initialValue } from '../../src/model/init.ts';
import { parameterSpecs } from '../../src/model/parameters.ts';
import { makePlan, type ConvStep, type Plan, type Step } from '../../src/model/plan.ts';
import { foldBatchNorm, type FoldedConv } from '../../src/ops/batch_norm/fold.ts';
import { createRandom } from '../../src/util/random.ts';
import { padOf } from './stock.ts';
import { classes, weightSeed, type Batch, type Workload } from './workload.ts';

export function stockFeatures(backbone: Backbone, { images }: Batch): Workload {
  const { run, dispose } = stockForward(backbone);
  return { run: () => Promise.resolve(run(images)), dispose };
}

/** images [N, S, S, 3] → [N, D] */
export function stockForward(backbone: Backbone): {
  run(images: tf.Tensor4D): tf.Tensor;
  dispose(): void;
} {
  const plan = makePlan(backbone);
  const weights = foldAll(backbone, plan);
  return {
    run: (images) => tf.tidy(() => forward(plan, images, weights)),
    dispose() {
      for (const { filter, bias } of weights.values()) tf.dispose([filter, bias]);
    },
  };
}

function foldAll(backbone: Backbone, { steps }: Plan): Map<ConvStep, FoldedConv> {
  const random = createRandom(weightSeed);
  const specs = new Map(parameterSpecs(backbone, classes).map((spec) => [spec.name, spec]));
  const tensor = (name: string): tf.Tensor => {
    const spec = specs.get(name);
    if (spec === undefined) throw new Error(`no tensor ${name}`);
    return tf.tensor(initialValue(spec, backbone, random), spec.shape);
  };
  const vector = (name: string) => tensor(name) as tf.Tensor1D;
  const folded = new Map<ConvStep, FoldedConv>();
  for (const step of steps) {
    if (step.kind !== 'conv') continue;
    const { conv, norm } = step;
    const fold = () =>
      foldBatchNorm(
        tensor(`${conv.name}.weight`) as tf.Tensor4D,
        { weight: vector(`${norm.name}.weight`), bias: vector(`${norm.name}.bias`) },
        {
          mean: vector(`${norm.name}.running_mean`),
          variance: vector(`${norm.name}.running_var`),
        },
        { eps: norm.eps, depthwise: isDepthwise(conv) },
      );
    folded.set(
      step,
      tf.tidy(() => ({ ...fold() })),
    );
  }
  return folded;
}

function forward(
  plan: Plan,
  images: tf.Tensor4D,
  weights: ReadonlyMap<ConvStep, FoldedConv>,
): tf.Tensor {
  const values = new Map<string, tf.Tensor>([[imageInput, images]]);
  const value = (name: string): tf.Tensor4D => values.get(name) as tf.Tensor4D;
  for (const step of plan.steps) values.set(step.output, runStep(step, value, weights));
  return value(plan.features);
}

function runStep(
  step: Step,
  value: (name: string) => tf.Tensor4D,
  weights: ReadonlyMap<ConvStep, FoldedConv>,
): tf.Tensor {
  const x = value(step.inputs[0]);
  switch (step.kind) {
    case 'conv': {
      const folded = weights.get(step);
      if (folded === undefined) throw new Error(`no weights for ${step.conv.name}`);
      const run = isDepthwise(step.conv) ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
      const { stride, padding } = step.conv;
      const { activation } = step;
      return run({ x, ...folded, strides: stride, pad: padOf(padding), activation });
    }
    case 'add': {
      const sum = tf.add(x, value(step.inputs[1]));
      if (step.activation === 'linear') return sum;
      return step.activation === 'relu' ? tf.relu(sum) : tf.relu6(sum);
    }
    case 'max_pool':
      return tf.maxPool(x, step.node.kernel, step.node.stride, padOf(step.node.padding));
    case 'global_avg_pool':
      return tf.mean(x, [1, 2]);
    default:
      return step satisfies never;
  }
}
