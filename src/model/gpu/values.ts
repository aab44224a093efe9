/** What a step of the network leaves behind for its readers and for the way back. */
import { padded } from '../../ops/gpu/program.ts';
import type { Storage } from '../../ops/gpu/map.ts';
import { plain, type Source } from '../../ops/gpu/source.ts';
import type { Activation } from '../../ops/kernels.ts';
import type { MapShape } from '../trace.ts';
import type { Step } from '../plan.ts';
import type { Tensor } from './tensors.ts';

/**
 * A map [N, H, W, C]. With `coef`, the map holds a convolution's raw output, and readers apply batch
 * norm and activation; without, it is stored as it is read.
 */
export interface Value {
  readonly name: string;
  readonly shape: MapShape;
  readonly map: Tensor;
  readonly storage: Storage; // of the map, and of its gradient
  readonly coef: Tensor | null;
  readonly activation: Activation;
  readonly step: Step | null; // null: the image
  /** Something before it is trained, so that it has a gradient. */
  readonly trained: boolean;
}

export function sourceOf({ coef, activation, storage }: Value): Source {
  return coef === null ? { ...plain, storage } : { normalized: true, activation, storage };
}

/** The tensors that `sourceBindings` binds. */
export function readTensors({ map, coef }: Value): Tensor[] {
  return coef === null ? [map] : [map, coef];
}

export function rowsOf({ shape: [height, width] }: Value): number {
  return height * width;
}

/** Of the map, padding included. */
export function floatsOf({ shape: [height, width, channels] }: Pick<Value, 'shape'>): number {
  return height * width * padded(channels);
}
