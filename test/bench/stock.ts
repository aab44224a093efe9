/**
 * The baseline: what one gets from TF.js by writing the same description with its public ops, its
 * autodiff and its optimizer, as `tf.layers` would. Weights are those of our network, number for
 * number.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients'; // as the union package does
import {
  imageInput,
  isDepthwise,
  type Backbone,
  type BatchNormNode,
  type Conv2dNode,
  type GraphNode,
  type Padding,
} from '../../src/model/graph.ts';
import { initialValue } from '../../src/model/init.ts';
import { parameterSpecs } from '../../src/model/parameters.ts';
import { createRandom } from '../../src/util/random.ts';
import { classes, learningRate, weightSeed, type Batch, type Workload } from './workload.ts';

type Variables = ReadonlyMap<string, tf.Variable>;

export function stockStep(backbone: Backbone, batch: Batch): Workload {
  const variables = createVariables(backbone);
  const trainable = [...variables.values()].filter((variable) => variable.trainable);
  const optimizer = tf.train.adam(learningRate);
  const target = tf.tidy(() =>
    tf.tensor2d(
      Array.from(batch.labels, (label) =>
        Array.from({ length: classes }, (_, c) => +(c === label)),
      ),
    ),
  );
  return {
    run() {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(target, forward(backbone, batch.images, variables)),
        true,
        trainable,
      );
      if (loss === null) throw new Error('no loss came back');
      return Promise.resolve(loss);
    },
    dispose() {
      optimizer.dispose();
      tf.dispose([...variables.values(), target]);
    },
  };
}

/** Parameters and running statistics by PyTorch's names. */
function createVariables(backbone: Backbone): Variables {
  const random = createRandom(weightSeed);
  return new Map(
    parameterSpecs(backbone, classes).map((spec) => {
      const value = tf.tensor(initialValue(spec, backbone, random), spec.shape);
      const variable = tf.variable(value, spec.role === 'parameter');
      value.dispose();
      return [spec.name, variable];
    }),
  );
}

/** Train mode: [N, S, S, 3] → logits [N, C]; running statistics move. */
function forward(backbone: Backbone, images: tf.Tensor4D, variables: Variables): tf.Tensor2D {
  const values = new Map<string, tf.Tensor>([[imageInput, images]]);
  let last: tf.Tensor = images;
  for (const node of backbone.nodes) {
    last = runNode(node, (name) => found(values, name), variables);
    values.set(node.name, last);
  }
  return last as tf.Tensor2D; // a description ends in its head
}

function runNode(
  node: GraphNode,
  value: (name: string) => tf.Tensor,
  variables: Variables,
): tf.Tensor {
  if (node.op === 'add') return tf.add(value(node.inputs[0]), value(node.inputs[1]));
  const x = value(node.input);
  const map = x as tf.Tensor4D; // what every node but the head reads
  switch (node.op) {
    case 'conv2d':
      return convolve(map, found(variables, `${node.name}.weight`) as tf.Tensor4D, node);
    case 'batch_norm':
      return normalize(map, node, variables);
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'max_pool':
      return tf.maxPool(map, node.kernel, node.stride, padOf(node.padding));
    case 'global_avg_pool':
      return tf.mean(x, [1, 2]);
    case 'linear': {
      const product = tf.matMul(x, found(variables, `${node.name}.weight`));
      return tf.add(product, found(variables, `${node.name}.bias`));
    }
    default:
      return node satisfies never;
  }
}

function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, node: Conv2dNode): tf.Tensor4D {
  const run = isDepthwise(node) ? tf.depthwiseConv2d : tf.conv2d;
  return run(x, filter, node.stride, padOf(node.padding));
}

/** As `tf.layers.batchNormalization` in training, with the running averages it keeps. */
function normalize(x: tf.Tensor4D, node: BatchNormNode, variables: Variables): tf.Tensor4D {
  const of = (suffix: string) => found(variables, `${node.name}.${suffix}`) as tf.Tensor1D;
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  move(found(variables, `${node.name}.running_mean`), mean, node.momentum);
  move(found(variables, `${node.name}.running_var`), variance, node.momentum);
  return tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    of('bias'),
    of('weight'),
    node.eps,
  );
}

function move(average: tf.Variable, value: tf.Tensor, momentum: number): void {
  tf.tidy(() => average.assign(tf.sub(average, tf.mul(tf.sub(average, value), momentum))));
}

export function padOf(padding: Padding): number | 'same' {
  return padding.mode === 'same' ? 'same' : padding.size;
}

function found<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value for ${name}`);
  return value;
}

/** Kernels that autodiff needs for `backbone` and that the current backend does not have. */
export function missingGradients(backbone: Backbone): string[] {
  const needed = backbone.nodes.flatMap((node) => {
    if (node.op === 'max_pool') return ['MaxPoolGrad'];
    if (node.op !== 'conv2d') return [];
    const gradients = isDepthwise(node)
      ? ['DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput']
      : ['Conv2DBackpropFilter', 'Conv2DBackpropInput'];
    return node.input === imageInput ? gradients.slice(0, 1) : gradients;
  });
  return [...new Set(needed)].filter((name) => !tf.getKernel(name, tf.getBackend()));
}
