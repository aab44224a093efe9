/** Each op against PyTorch; run by `ops.test.ts` (WASM) and `ops.browser.test.ts` (WebGPU). */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { adamUpdate, type AdamMoments } from '../../src/ops/adam/adam.ts';
import { batchNormTrain, batchNormTrainGradient } from '../../src/ops/batch_norm/batch-norm.ts';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from '../../src/ops/conv2d/conv2d.ts';
import {
  depthwiseConv2d,
  depthwiseConv2dFilterGradient,
  depthwiseConv2dInputGradient,
} from '../../src/ops/depthwise_conv2d/depthwise-conv2d.ts';
import {
  globalAvgPool,
  globalAvgPoolGradient,
} from '../../src/ops/global_avg_pool/global-avg-pool.ts';
import type { Activation } from '../../src/ops/kernels.ts';
import { linear, linearBackward, linearInputGradient } from '../../src/ops/linear/linear.ts';
import { maxPool, maxPoolGradient } from '../../src/ops/max_pool/max-pool.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import { resolveWindow, type WindowPadding } from '../../src/ops/window.ts';
import goldens from '../golden/ops.json' with { type: 'json' };
import { seeded } from '../support/seeded.ts';
import { expectNoLeak, type GoldenRecord } from '../support/tensors.ts';

const tolerance = 1e-5;

type Shape4 = [number, number, number, number];

function tensor4d(name: string, shape: readonly number[], spread = 1, center = 0): tf.Tensor4D {
  return tf.tensor4d(seeded(name, shape, spread, center), shape as Shape4);
}

function vector(name: string, size: number, spread = 1, center = 0): tf.Tensor1D {
  return tf.tensor1d(seeded(name, [size], spread, center));
}

function matrix(name: string, rows: number, columns: number, spread = 1): tf.Tensor2D {
  return tf.tensor2d(seeded(name, [rows, columns], spread), [rows, columns]);
}

async function expectGolden(
  values: Readonly<Record<string, [tf.Tensor, GoldenRecord]>>,
  within = tolerance,
): Promise<void> {
  for (const [name, [tensor, golden]] of Object.entries(values)) {
    expect(tensor.shape, name).toEqual(golden.shape);
    expect(await tensor.data(), name).toMatchGolden(golden, within);
  }
}

/** Runs `work` twice over: every tensor it makes is disposed after, and the op itself leaks none. */
function opTest(name: string, work: (made: <T extends tf.Tensor>(t: T) => T) => Promise<void>) {
  test(name, () =>
    expectNoLeak(async () => {
      const all: tf.Tensor[] = [];
      try {
        await work((tensor) => {
          all.push(tensor);
          return tensor;
        });
      } finally {
        tf.dispose(all);
      }
    }),
  );
}

function windowOf(golden: { x: number[]; kernel: number; stride: number; padding: object }) {
  const [, height = 0, width = 0] = golden.x;
  return resolveWindow([height, width], { ...golden, padding: golden.padding as WindowPadding });
}

export function describeOps(): void {
  describe('conv2d', () => {
    for (const golden of goldens.conv2d) {
      const { x: shape, kernel, stride, out } = golden;
      opTest(`[${shape.join()}] ${kernel}x${kernel}/${stride}`, async (made) => {
        const window = windowOf(golden);
        const x = made(tensor4d('x', shape));
        const w = made(tensor4d('w', [kernel, kernel, shape[3] ?? 0, out]));
        const dy = made(tensor4d('dy', golden.y.shape));
        await expectGolden({
          y: [made(conv2d(x, w, window)), golden.y],
          dx: [made(conv2dInputGradient(dy, w, window)), golden.dx],
          dw: [made(conv2dFilterGradient(x, dy, window)), golden.dw],
        });
      });
    }
  });

  describe('depthwise_conv2d', () => {
    for (const golden of goldens.depthwiseConv2d) {
      const { x: shape, kernel, stride } = golden;
      opTest(`[${shape.join()}] ${kernel}x${kernel}/${stride}`, async (made) => {
        const window = windowOf(golden);
        const x = made(tensor4d('x', shape));
        const w = made(tensor4d('w', [kernel, kernel, shape[3] ?? 0, 1]));
        const dy = made(tensor4d('dy', golden.y.shape));
        await expectGolden({
          y: [made(depthwiseConv2d(x, w, window)), golden.y],
          dx: [made(depthwiseConv2dInputGradient(dy, w, window)), golden.dx],
          dw: [made(depthwiseConv2dFilterGradient(x, dy, window)), golden.dw],
        });
      });
    }
  });

  describe('batch_norm', () => {
    for (const golden of goldens.batchNorm) {
      const activation = golden.activation as Activation;
      opTest(`[${golden.x.join()}] ${activation}`, async (made) => {
        const channels = golden.x[3] ?? 0;
        const relu6 = activation === 'relu6';
        const x = made(tensor4d('x', golden.x, 1, 3));
        const dy = made(tensor4d('dy', golden.x));
        const weight = made(vector('weight', channels, relu6 ? 1 : 0.5, relu6 ? 3 : 1));
        const bias = made(vector('bias', channels, relu6 ? 1 : 0.5, relu6 ? 3 : 0));
        const before = {
          mean: made(vector('m', channels)),
          variance: made(vector('v', channels, 0.5, 1)),
        };
        const options = { eps: 1e-3, momentum: 0.1, activation };
        const { y, stats, running } = batchNormTrain(x, { weight, bias }, before, options);
        [y, stats.mean, stats.invStd, running.mean, running.variance].forEach(made);
        const back = batchNormTrainGradient(dy, { x, y, stats }, weight, activation);
        await expectGolden(
          {
            y: [y, golden.y],
            runningMean: [running.mean, golden.runningMean],
            runningVariance: [running.variance, golden.runningVariance],
            dx: [made(back.dx), golden.dx],
            dWeight: [made(back.dWeight), golden.dWeight],
            dBias: [made(back.dBias), golden.dBias],
          },
          1e-4,
        );
      });
    }
  });

  describe('max_pool', () => {
    for (const golden of goldens.maxPool) {
      const { levels } = golden;
      opTest(`[${golden.x.join()}] ${golden.kernel}/${golden.stride}, ties`, async (made) => {
        const window = windowOf(golden);
        // To the even, as torch.round does.
        const values = seeded('x', golden.x).map((value) => roundToEven(value * levels) / levels);
        const x = made(tf.tensor4d(values, golden.x as Shape4));
        const dy = made(tensor4d('dy', golden.y.shape));
        const y = made(maxPool(x, window));
        await expectGolden({
          y: [y, golden.y],
          dx: [made(maxPoolGradient(dy, { x, y }, window)), golden.dx],
        });
      });
    }
  });

  describe('global_avg_pool', () => {
    for (const golden of goldens.globalAvgPool) {
      opTest(`[${golden.x.join()}]`, async (made) => {
        const [n = 0, h = 0, w = 0, c = 0] = golden.x;
        const x = made(tensor4d('x', golden.x));
        const dy = made(matrix('dy', n, c));
        await expectGolden({
          y: [made(globalAvgPool(x)), golden.y],
          dx: [made(globalAvgPoolGradient(dy, [h, w])), golden.dx],
        });
      });
    }
  });

  describe('linear', () => {
    for (const golden of goldens.linear) {
      const { count, features, classes } = golden;
      opTest(`[${count},${features}] → ${classes}`, async (made) => {
        const x = made(matrix('x', count, features));
        const w = made(matrix('w', features, classes));
        const b = made(vector('b', classes));
        const dy = made(matrix('dy', count, classes));
        const { dWeight, dBias } = linearBackward(x, dy);
        await expectGolden({
          y: [made(linear(x, w, b)), golden.y],
          dx: [made(linearInputGradient(w, dy)), golden.dx],
          dw: [made(dWeight), golden.dw],
          db: [made(dBias), golden.db],
        });
      });
    }
  });

  describe('softmax_cross_entropy', () => {
    for (const golden of goldens.crossEntropy) {
      const { count, classes, spread } = golden;
      opTest(`[${count},${classes}], logits up to ${spread}`, async (made) => {
        const logits = made(matrix('logits', count, classes, spread));
        const targets = Array.from({ length: count }, (_, i) => (i * 7) % classes);
        const labels = made(tf.tensor1d(targets, 'int32'));
        const { loss, dLogits, correct } = softmaxCrossEntropy(logits, labels);
        await expectGolden({ dLogits: [made(dLogits), golden.dLogits] });
        expect([...(await made(loss).data())]).toMatchGolden([golden.loss], tolerance);
        expect([...(await made(correct).data())]).toEqual([golden.correct]);
      });
    }
  });

  describe('adam', () => {
    for (const golden of goldens.adam) {
      const { shape, weightDecay, learningRate } = golden;
      opTest(`10 steps of [${shape.join()}], weight decay ${weightDecay}`, async (made) => {
        const options = { learningRate, weightDecay, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
        const tensor = (name: string, spread = 1) =>
          made(tf.tensor(seeded(name, shape, spread), shape));
        let parameter = tensor('parameter');
        let moments: AdamMoments = { m: made(tf.zeros(shape)), v: made(tf.zeros(shape)) };
        for (let step = 0; step < 10; step++) {
          const gradient = tensor(`gradient-${step}`, 10 ** ((step % 3) - 1));
          const next = adamUpdate(parameter, gradient, moments, step + 1, options);
          parameter = made(next.parameter);
          moments = { m: made(next.m), v: made(next.v) };
        }
        await expectGolden(
          {
            parameter: [parameter, golden.parameter],
            m: [moments.m, golden.m],
            v: [moments.v, golden.v],
          },
          1e-4,
        );
      });
    }
  });
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
