/**
 * Adam (Kingma & Ba, 2015) over all parameters of a network, with torch.optim.Adam's defaults and
 * semantics; the arithmetic of one tensor is `ops/adam`. As in optax, `init` and `update` stand
 * apart from the parameters: the state is plain tensors by parameter name.
 */
import * as tf from '@tensorflow/tfjs-core';
import { adamUpdate } from '../../ops/adam/adam.ts';

const defaults = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 };

export interface AdamState {
  step: number; // updates made
  moments: Map<string, Moments>;
}

interface Moments {
  m: tf.Tensor; // running mean of the gradient
  v: tf.Tensor; // and of its square
}

/** The state as it is stored: plain arrays, in the engine's own layout. */
export interface OptimizerState {
  step: number;
  moments: Map<string, { shape: number[]; m: Float32Array; v: Float32Array }>;
}

/** Who owns the parameters: a network. */
export interface Parameters {
  readonly parameters: ReadonlyMap<string, tf.Tensor>;
  setParameter(name: string, value: tf.Tensor): void;
}

export function init(parameters: ReadonlyMap<string, tf.Tensor>): AdamState {
  const moments = new Map<string, Moments>();
  for (const [name, { shape }] of parameters) {
    moments.set(name, { m: tf.zeros(shape), v: tf.zeros(shape) });
  }
  return { step: 0, moments };
}

/** One step for every parameter that has a gradient; disposes the gradients. */
export function update(
  state: AdamState,
  gradients: ReadonlyMap<string, tf.Tensor>,
  owner: Parameters,
  learningRate: number,
): void {
  state.step++;
  for (const [name, gradient] of gradients) {
    const parameter = owner.parameters.get(name);
    const moments = state.moments.get(name);
    if (!parameter || !moments) throw new Error(`gradient of an unknown parameter: ${name}`);
    const options = { ...defaults, learningRate };
    const next = adamUpdate(parameter, gradient, moments, state.step, options);
    tf.dispose([moments.m, moments.v, gradient]);
    state.moments.set(name, { m: next.m, v: next.v });
    owner.setParameter(name, next.parameter);
  }
}

export async function serialize(state: AdamState): Promise<OptimizerState> {
  const moments: OptimizerState['moments'] = new Map();
  for (const [name, { m, v }] of state.moments) {
    const [mData, vData] = await Promise.all([m.data<'float32'>(), v.data<'float32'>()]);
    moments.set(name, { shape: m.shape, m: mData, v: vData });
  }
  return { step: state.step, moments };
}

export function deserialize(stored: OptimizerState): AdamState {
  const moments = new Map<string, Moments>();
  for (const [name, { shape, m, v }] of stored.moments) {
    moments.set(name, { m: tf.tensor(m, shape), v: tf.tensor(v, shape) });
  }
  return { step: stored.step, moments };
}

export function dispose(state: AdamState): void {
  for (const { m, v } of state.moments.values()) tf.dispose([m, v]);
  state.moments.clear();
}
