/**
 * A backbone with its weights on the device: the one thing that trains, evaluates, loads and saves.
 * Weights are kept by PyTorch's names in the engine's layout.
 */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '../protocol/errors.ts';
import { guardAllocations, isOutOfMemory } from '../ops/allocation.ts';
import { linear, linearBackward, linearInputGradient } from '../ops/linear/linear.ts';
import type { Random } from '../util/random.ts';
import { FoldedWeights, forwardEval } from './eval-pass.ts';
import type { Backbone } from './graph.ts';
import { initialValue } from './init.ts';
import { createPace } from './pace.ts';
import { makePlan } from './plan.ts';
import {
  specsToLoad,
  toEngineLayout,
  toTorchLayout,
  type LoadOptions,
  type StateDict,
} from './state-dict.ts';
import { forwardTrain, type ForwardResult } from './train-pass.ts';
import { TensorStore } from './tensor-store.ts';
import { countConvOutputs } from './trace.ts';

/** Beyond this, training computes convolutions twice rather than keep what they gave. */
const keepBytes = 1.5 * 2 ** 30;

/** A long pass yields to the event loop, and throws 'cancelled' once the signal is aborted. */
export interface RunContext {
  signal?: AbortSignal;
}

export interface TrainPass {
  readonly logits: tf.Tensor2D; // [N,C], the pass's own
  /** The gradient of every trainable parameter, the caller's to dispose. Frees what was saved. */
  backward(dLogits: tf.Tensor2D, context?: RunContext): Promise<Map<string, tf.Tensor>>;
  /** Frees logits and all that is saved, whether or not `backward` ran. */
  dispose(): void;
}

export interface Network {
  readonly backbone: Backbone;
  readonly classes: number;
  /** All or nothing: throws 'weights-mismatch' before anything is changed. */
  loadStateDict(state: StateDict, options?: LoadOptions): void;
  stateDict(): Promise<StateDict>;
  /** Trainable parameters by name, in the engine's layout. */
  readonly parameters: ReadonlyMap<string, tf.Tensor>;
  /** Takes ownership of `value` and disposes the old one. */
  setParameter(name: string, value: tf.Tensor): void;
  /** Eval mode. x: [N,H,W,3] f32, normalized, not disposed → [N,D], the caller's. */
  features(x: tf.Tensor4D, context?: RunContext): Promise<tf.Tensor2D>;
  /** [N,D] → logits [N,C] */
  head(features: tf.Tensor2D): tf.Tensor2D;
  /** Train mode: batch statistics; running ones are updated when the pass has gone through. */
  forwardTrain(x: tf.Tensor4D, context?: RunContext): Promise<TrainPass>;
  dispose(): void;
}

/** Fresh weights, as torchvision or timm draw them; the head as nn.Linear. */
export function createNetwork(backbone: Backbone, classes: number, random: Random): Network {
  guardAllocations();
  const store = new TensorStore(backbone, classes);
  for (const spec of store.specs) store.set(spec.name, initialValue(spec, backbone, random));
  return new PlannedNetwork(backbone, classes, store);
}

class PlannedNetwork implements Network {
  readonly backbone: Backbone;
  readonly classes: number;
  readonly #store: TensorStore;
  readonly #plan;
  readonly #folded: FoldedWeights;

  constructor(backbone: Backbone, classes: number, store: TensorStore) {
    this.backbone = backbone;
    this.classes = classes;
    this.#store = store;
    this.#plan = makePlan(backbone);
    this.#folded = new FoldedWeights(store);
  }

  get parameters(): ReadonlyMap<string, tf.Tensor> {
    return this.#store.parameters;
  }

  setParameter(name: string, value: tf.Tensor): void {
    const spec = this.#store.replace(name, value);
    if (!spec.head) this.#folded.clear();
  }

  loadStateDict(state: StateDict, options: LoadOptions = {}): void {
    const specs = specsToLoad(this.backbone, this.#store.specs, state, options);
    for (const spec of specs) {
      const tensor = state.get(spec.name);
      if (tensor) this.#store.set(spec.name, toEngineLayout(spec, tensor.data));
    }
    this.#folded.clear();
  }

  async stateDict(): Promise<StateDict> {
    // Asked for all at once: on a GPU each read waits for the queue.
    const { specs } = this.#store;
    const values = specs.map((spec) => this.#store.get(spec.name).data<'float32'>());
    const state: StateDict = new Map();
    for (const [i, data] of (await Promise.all(values)).entries()) {
      const spec = specs[i];
      if (!spec) continue;
      state.set(spec.name, { shape: [...spec.torchShape], data: toTorchLayout(spec, data) });
    }
    return state;
  }

  async features(x: tf.Tensor4D, context: RunContext = {}): Promise<tf.Tensor2D> {
    return withMemoryErrors(x, () =>
      forwardEval(this.#plan, x, this.#folded, createPace(context.signal)),
    );
  }

  head(features: tf.Tensor2D): tf.Tensor2D {
    const { weight, bias } = this.#store.head();
    return linear(features, weight, bias);
  }

  async forwardTrain(x: tf.Tensor4D, context: RunContext = {}): Promise<TrainPass> {
    const pass = await withMemoryErrors(x, () =>
      forwardTrain(this.#plan, x, this.#store, createPace(context.signal), {
        keepConvOutputs: this.#savedBytes(x) <= keepBytes,
      }),
    );
    for (const [step, running] of pass.running) this.#store.setRunning(step, running);
    this.#folded.clear();
    return this.#trainPass(pass, x);
  }

  /** Of a pass that keeps everything: each convolution's output, before and after batch norm. */
  #savedBytes(x: tf.Tensor4D): number {
    const [count, height, width] = x.shape;
    return 2 * 4 * count * countConvOutputs(this.backbone, Math.max(height, width));
  }

  #trainPass(pass: ForwardResult, x: tf.Tensor4D): TrainPass {
    const { headName } = this.backbone;
    const { features } = pass;
    const logits = this.head(features);
    const dispose = () => {
      pass.dispose();
      tf.dispose([features, logits]);
    };
    return {
      logits,
      dispose,
      backward: async (dLogits, context = {}) => {
        try {
          return await withMemoryErrors(x, async () => {
            const { dWeight, dBias } = linearBackward(features, dLogits);
            const dFeatures = linearInputGradient(this.#store.head().weight, dLogits);
            try {
              const gradients = await pass.backward(dFeatures, createPace(context.signal));
              return gradients.set(`${headName}.weight`, dWeight).set(`${headName}.bias`, dBias);
            } catch (error) {
              tf.dispose([dWeight, dBias]);
              throw error;
            } finally {
              dFeatures.dispose();
            }
          });
        } finally {
          dispose();
        }
      },
    };
  }

  dispose(): void {
    this.#folded.clear();
    this.#store.dispose();
  }
}

async function withMemoryErrors<T>(x: tf.Tensor4D, work: () => Promise<T>): Promise<T> {
  const [batchSize, imageSize] = x.shape;
  try {
    return await work();
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new AppError('out-of-memory', { batchSize, imageSize }, { cause: error });
  }
}
