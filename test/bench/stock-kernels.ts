/** TF.js's kernels by themselves, as its autodiff and its optimizer call them. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients'; // as the union package does
import type { ConvKernel, KernelSpec, MapKernel } from '../../src/cli/bench-kernels.ts';
import {
  convPadding,
  convWindow,
  kernelData,
  labelsOf,
  normOptions,
  poolOptions,
  readCount,
} from './kernel-data.ts';
import { learningRate, type Workload } from './workload.ts';

/** `run` gives tensors, the result first, that are the caller's. */
interface StockKernel {
  run(): tf.Tensor[];
  dispose(): void;
}

export function stockKernel(spec: KernelSpec): Workload {
  const { run, dispose } = kernelOf(spec);
  return {
    run() {
      const all = run();
      const [result] = all;
      if (result === undefined) throw new Error('no result came back');
      return Promise.resolve({
        async data() {
          const count = Math.min(readCount, result.size);
          const few = tf.tidy(() => tf.slice(tf.reshape(result, [result.size]), 0, count));
          const values = await few.data();
          few.dispose();
          return values;
        },
        dispose: () => tf.dispose(all.filter((tensor) => !(tensor instanceof tf.Variable))),
      });
    },
    dispose,
  };
}

function kernelOf(spec: KernelSpec): StockKernel {
  switch (spec.op) {
    case 'conv2d':
    case 'depthwise_conv2d':
      return convKernel(spec);
    case 'batch_norm':
      return batchNorm(spec);
    case 'max_pool':
      return maxPoolGradient(spec);
    case 'global_avg_pool':
      return globalAvgPool(spec);
    case 'softmax_cross_entropy': {
      const { batch, classes } = spec;
      const logits = tensor('logits', [batch, classes]);
      const target = tf.tidy(() =>
        tf.cast(tf.oneHot(tf.tensor1d(labelsOf(batch, classes), 'int32'), classes), 'float32'),
      );
      const gradient = tf.grad((x) => tf.losses.softmaxCrossEntropy(target, x));
      return { run: () => [gradient(logits)], dispose: () => tf.dispose([logits, target]) };
    }
    case 'adam': {
      const { variables: count, each } = spec;
      const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
      const variables = Array.from({ length: count }, (_, i) =>
        tf.variable(tensor(`parameters${i}`, [each]), true, `bench${i}`),
      );
      const gradients = variables.map(({ name }, i) => ({
        name,
        tensor: tensor(`gradients${i}`, [each]),
      }));
      return {
        run() {
          optimizer.applyGradients(gradients);
          return variables;
        },
        dispose() {
          optimizer.dispose();
          tf.dispose([...variables, ...gradients.map((one) => one.tensor)]);
        },
      };
    }
    default:
      return spec satisfies never;
  }
}

function tensor(name: string, shape: number[]): tf.Tensor {
  return tf.tensor(
    kernelData(
      name,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );
}

const kernelNames = {
  conv2d: {
    forward: 'Conv2D',
    input_gradient: 'Conv2DBackpropInput',
    filter_gradient: 'Conv2DBackpropFilter',
  },
  depthwise_conv2d: {
    forward: 'DepthwiseConv2dNative',
    input_gradient: 'DepthwiseConv2dNativeBackpropInput',
    filter_gradient: 'DepthwiseConv2dNativeBackpropFilter',
  },
} as const;

function convKernel(spec: ConvKernel): StockKernel {
  const { op, part, batch, size, inChannels, outChannels, kernel, stride } = spec;
  const [outSize] = convWindow(spec).outSize;
  const inputShape = [batch, size, size, inChannels];
  const filterShape = [kernel, kernel, inChannels, op === 'conv2d' ? outChannels : 1];
  const inputs = {
    x: tensor('x', inputShape),
    filter: tensor('filter', filterShape),
    dy: tensor('dy', [batch, outSize, outSize, outChannels]),
  };
  const { x, filter, dy } = inputs;
  const given = {
    forward: { x, filter },
    input_gradient: { dy, filter },
    filter_gradient: { x, dy },
  }[part];
  const attributes = {
    ...{ strides: [stride, stride], pad: convPadding(spec), dilations: [1, 1] },
    ...{ dataFormat: 'NHWC', dimRoundingMode: undefined, inputShape, filterShape },
  } as unknown as tf.NamedAttrMap;
  return {
    run: () => [tf.engine().runKernel(kernelNames[op][part], given, attributes)],
    dispose: () => tf.dispose(inputs),
  };
}

/** Train mode with relu behind it, running averages and all, and the gradients. */
function batchNorm({ batch, size, channels }: MapKernel): StockKernel {
  const x = tensor('x', [batch, size, size, channels]);
  const dy = tensor('dy', [batch, size, size, channels]);
  const [gamma, beta] = [tensor('gamma', [channels]), tensor('beta', [channels])];
  const averages = [tf.variable(tf.zeros([channels])), tf.variable(tf.zeros([channels]))];
  const { eps, momentum } = normOptions;
  const gradients = tf.grads((map, weight, bias) => {
    const { mean, variance } = tf.moments(map, [0, 1, 2]);
    [mean, variance].forEach((value, i) => {
      const average = averages[i];
      average?.assign(tf.sub(average, tf.mul(tf.sub(average, value), momentum)));
    });
    const y = tf.batchNorm(
      map as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      weight as tf.Tensor1D,
      eps,
    );
    return tf.relu(y);
  });
  return {
    run: () => gradients([x, gamma, beta], dy),
    dispose: () => tf.dispose([x, dy, gamma, beta, ...averages]),
  };
}

function maxPoolGradient({ batch, size, channels }: MapKernel): StockKernel {
  const { kernel, stride, padding: pad } = poolOptions;
  const input = tensor('x', [batch, size, size, channels]) as tf.Tensor4D;
  const output = tf.maxPool(input, kernel, stride, pad);
  const dy = tensor('dy', output.shape);
  const attributes = {
    ...{ filterSize: kernel, strides: stride, pad, dimRoundingMode: undefined },
  } as unknown as tf.NamedAttrMap;
  return {
    run: () => [tf.engine().runKernel('MaxPoolGrad', { dy, input, output }, attributes)],
    dispose: () => tf.dispose([input, output, dy]),
  };
}

/** As the description writes it: a mean. */
function globalAvgPool({ batch, size, channels }: MapKernel): StockKernel {
  const x = tensor('x', [batch, size, size, channels]);
  const dy = tensor('dy', [batch, channels]);
  const gradient = tf.grad((map) => tf.mean(map, [1, 2]));
  return { run: () => [gradient(x, dy)], dispose: () => tf.dispose([x, dy]) };
}
