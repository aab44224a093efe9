/** Learners on TF.js's kernels: the whole network, or its head alone. */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '../model/network.ts';
import { createPace } from '../model/pace.ts';
import { parameterSpecs } from '../model/parameters.ts';
import { toTorchLayout, type StateDict } from '../model/state-dict.ts';
import { linearBackward } from '../ops/linear/linear.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import { createEpochMeter, type EpochMeter } from './epoch-metrics.ts';
import type { Learner, LearnerBatch } from './learner.ts';
import { logitsOf } from './logits.ts';
import * as adam from './optimizers/adam.ts';
import type { Inputs } from './trainer.ts';
import { trainStep, type StepResult } from './train-step.ts';

/** The network stays the caller's. */
export function createWalkedLearner(network: Network, imageSize: number): Learner {
  const images = (inputs: Inputs, count: number): tf.Tensor4D =>
    tf.tensor4d(pixelsOf(inputs), [count, imageSize, imageSize, 3]);
  return walked(network, adam.init(network.parameters), {
    async step(optimizer, { inputs, count, labels }, learningRate, signal) {
      const x = images(inputs, count);
      const y = tf.tensor1d(labels, 'int32');
      try {
        return await trainStep(network, optimizer, x, y, learningRate, { signal });
      } finally {
        tf.dispose([x, y]);
      }
    },
    logits: (inputs, count, signal) => logitsOf(network, images(inputs, count), signal),
    weights: () => network.stateDict(),
  });
}

/** Only the head of `network` learns, on features. */
export function createWalkedHead(network: Network): Learner {
  const { backbone, classes } = network;
  const specs = parameterSpecs(backbone, classes).filter(({ head }) => head);
  const optimizer = adam.init(new Map(specs.map(({ name }) => [name, parameter(network, name)])));
  const rows = (inputs: Inputs, count: number): tf.Tensor2D =>
    tf.tensor2d(pixelsOf(inputs), [count, backbone.featureDim]);
  return walked(network, optimizer, {
    async step(state, { inputs, count, labels }, learningRate, signal) {
      await createPace(signal).rest();
      const x = rows(inputs, count);
      const logits = network.head(x); // [N, C]
      const y = tf.tensor1d(labels, 'int32');
      const { loss, dLogits, correct } = softmaxCrossEntropy(logits, y);
      const { dWeight, dBias } = linearBackward(x, dLogits);
      const gradients = new Map<string, tf.Tensor>([
        [`${backbone.headName}.weight`, dWeight],
        [`${backbone.headName}.bias`, dBias],
      ]);
      adam.update(state, gradients, network, learningRate);
      tf.dispose([x, logits, y, dLogits]);
      return { loss, correct };
    },
    async logits(inputs, count) {
      const x = rows(inputs, count);
      const y = network.head(x); // [n, C]
      const data = await y.data<'float32'>();
      tf.dispose([x, y]);
      return data;
    },
    async weights() {
      const state: StateDict = new Map();
      for (const spec of specs) {
        const data = await parameter(network, spec.name).data<'float32'>();
        state.set(spec.name, { shape: spec.torchShape, data: toTorchLayout(spec, data) });
      }
      return state;
    },
  });
}

interface Steps {
  step(
    optimizer: adam.AdamState,
    batch: LearnerBatch,
    learningRate: number,
    signal: AbortSignal,
  ): Promise<StepResult>;
  logits(inputs: Inputs, count: number, signal: AbortSignal): Promise<Float32Array>;
  weights(): Promise<StateDict>;
}

function walked(network: Network, initial: adam.AdamState, steps: Steps): Learner {
  let optimizer = initial;
  let meter: EpochMeter = createEpochMeter();
  let rows: Float32Array[] = [];
  return {
    classes: network.classes,
    async step(batch, learningRate, signal) {
      const { loss, correct } = await steps.step(optimizer, batch, learningRate, signal);
      meter.add(loss, correct, batch.count);
    },
    peek: () => meter.peek(),
    totals: () => meter.totals(),
    beginEpoch() {
      meter.dispose();
      meter = createEpochMeter();
      rows = [];
    },
    async collect(inputs, count, signal) {
      rows.push(await steps.logits(inputs, count, signal));
    },
    collected() {
      const all = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const row of rows) {
        all.set(row, at);
        at += row.length;
      }
      rows = [];
      return Promise.resolve(all);
    },
    weights: () => steps.weights(),
    optimizerState: () => adam.serialize(optimizer),
    restoreOptimizer(state) {
      adam.dispose(optimizer);
      optimizer = adam.deserialize(state);
    },
    dispose() {
      meter.dispose();
      adam.dispose(optimizer);
    },
  };
}

/** The walker wants its pictures made; a source that hands out photos is for a GPU. */
export function pixelsOf(inputs: Inputs): Float32Array {
  if (inputs instanceof Float32Array) return inputs;
  throw new Error('photos where pictures were expected');
}

function parameter(network: Network, name: string): tf.Tensor {
  const found = network.parameters.get(name);
  if (!found) throw new Error(`${network.backbone.name} has no parameter ${name}`);
  return found;
}
