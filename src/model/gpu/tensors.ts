/**
 * The tensors of a plan before any buffer exists: those of the arena, which share memory with others
 * that live at another time, and those in regions, which stay for the whole run.
 */

import type { Storage } from '../../ops/gpu/map.ts';
import { scalerBytes } from '../../ops/optimizer/loss-scale.wgsl.ts';

/** Buffers that outlive a step, each one region a network. */
export const regions = [
  'parameters',
  'running', // running means and variances
  'gradients', // of the trained parameters, in their layout
  'moments1',
  'moments2',
  'averages', // exponential moving average of the weights
  'image', // [N, S, S, 4]: the batch, normalized
  'labels', // u32 [N]
  'metrics',
  'scaler', // of the loss, where gradients are in half precision
] as const;
export type Region = (typeof regions)[number];

export type Tensor =
  | { readonly kind: 'arena'; readonly label: string; readonly bytes: number }
  | {
      readonly kind: 'region';
      readonly region: Region;
      readonly offset: number; // bytes
      readonly bytes: number;
    };

export const scalerTensor: Tensor = {
  kind: 'region',
  region: 'scaler',
  offset: 0,
  bytes: scalerBytes,
};

export type ArenaTensor = Extract<Tensor, { kind: 'arena' }>;

/** Of `count` numbers. */
export function storedBytes(count: number, storage: Storage): number {
  return (storage === 'f16' ? 2 : 4) * count;
}

/** Storage buffers are bound at multiples of this (WebGPU's guaranteed alignment). */
export const alignment = 256; // bytes

export function align(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
