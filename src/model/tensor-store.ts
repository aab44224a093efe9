/** A network's tensors by name: parameters and running statistics, each owned here. */
import * as tf from '@tensorflow/tfjs-core';
import type { BatchNormParams, RunningStats } from '../ops/batch_norm/batch-norm.ts';
import type { Backbone } from './graph.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';
import type { ConvStep } from './plan.ts';
import type { WeightSource } from './train-steps.ts';

export class TensorStore implements WeightSource {
  readonly specs: readonly ParameterSpec[];
  readonly #byName: ReadonlyMap<string, ParameterSpec>;
  readonly #parameters = new Map<string, tf.Tensor>();
  readonly #buffers = new Map<string, tf.Tensor>();
  readonly #headName: string;

  constructor(backbone: Backbone, classes: number) {
    this.specs = parameterSpecs(backbone, classes);
    this.#byName = new Map(this.specs.map((spec) => [spec.name, spec]));
    this.#headName = backbone.headName;
  }

  get parameters(): ReadonlyMap<string, tf.Tensor> {
    return this.#parameters;
  }

  get(name: string): tf.Tensor {
    const tensor = this.#parameters.get(name) ?? this.#buffers.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  }

  /** From values in the engine's layout. */
  set(name: string, values: Float32Array): void {
    this.replace(name, tf.tensor(values, this.#spec(name).shape, 'float32'));
  }

  /** Takes ownership of `value`. */
  replace(name: string, value: tf.Tensor): ParameterSpec {
    const spec = this.#spec(name);
    if (String(value.shape) !== String(spec.shape)) {
      throw new Error(`${name}: [${value.shape.join()}] instead of [${spec.shape.join()}]`);
    }
    const owner = spec.role === 'parameter' ? this.#parameters : this.#buffers;
    const old = owner.get(name);
    owner.set(name, value);
    if (old !== value) old?.dispose();
    return spec;
  }

  setRunning({ norm }: ConvStep, { mean, variance }: RunningStats): void {
    this.replace(`${norm.name}.running_mean`, mean);
    this.replace(`${norm.name}.running_var`, variance);
  }

  // Arrow functions, so that they can be handed on; the ranks are those of `parameterSpecs`.
  readonly filter = ({ conv }: ConvStep): tf.Tensor4D =>
    this.get(`${conv.name}.weight`) as tf.Tensor4D;

  readonly norm = ({ norm }: ConvStep): BatchNormParams => ({
    weight: this.get(`${norm.name}.weight`) as tf.Tensor1D,
    bias: this.get(`${norm.name}.bias`) as tf.Tensor1D,
  });

  readonly running = ({ norm }: ConvStep): RunningStats => ({
    mean: this.get(`${norm.name}.running_mean`) as tf.Tensor1D,
    variance: this.get(`${norm.name}.running_var`) as tf.Tensor1D,
  });

  head(): { weight: tf.Tensor2D; bias: tf.Tensor1D } {
    return {
      weight: this.get(`${this.#headName}.weight`) as tf.Tensor2D,
      bias: this.get(`${this.#headName}.bias`) as tf.Tensor1D,
    };
  }

  dispose(): void {
    tf.dispose([...this.#parameters.values(), ...this.#buffers.values()]);
    this.#parameters.clear();
    this.#buffers.clear();
  }

  #spec(name: string): ParameterSpec {
    const spec = this.#byName.get(name);
    if (spec === undefined) throw new Error(`no tensor ${name}`);
    return spec;
  }
}
