/**
 * PyTorch's view of a model's weights, as plain arrays: the border between files and the engine.
 * Convolutions are OIHW there and HWIO here, linear layers [out, in] there and [in, out] here.
 */
import { AppError } from '../protocol/errors.ts';
import type { Backbone } from './graph.ts';
import { parameterSpecs, type ParameterSpec } from './parameters.ts';

export interface StateTensor {
  shape: number[];
  data: Float32Array;
}

/** Keys exactly torchvision's or timm's, in their order; `num_batches_tracked` is left out. */
export type StateDict = Map<string, StateTensor>;

export function expectedShapes(backbone: Backbone, classes: number): Map<string, number[]> {
  return new Map(parameterSpecs(backbone, classes).map((spec) => [spec.name, spec.torchShape]));
}

export interface LoadOptions {
  /** 'skip': the head stays as it is, whatever the state says of one. */
  readonly head?: 'require' | 'skip';
}

/** Which of `specs` are to be loaded; throws 'weights-mismatch' before anything is changed. */
export function specsToLoad(
  backbone: Backbone,
  specs: readonly ParameterSpec[],
  state: StateDict,
  { head = 'require' }: LoadOptions,
): ParameterSpec[] {
  const skipHead = head === 'skip';
  const wanted = specs.filter((spec) => !(skipHead && spec.head));
  checkStateDict(
    backbone,
    state,
    wanted,
    (name) =>
      name.endsWith('.num_batches_tracked') ||
      (skipHead && name.startsWith(`${backbone.headName}.`)),
  );
  return wanted;
}

/** Throws 'weights-mismatch' unless `state` has exactly the tensors of `specs`. */
export function checkStateDict(
  backbone: Backbone,
  state: StateDict,
  specs: readonly ParameterSpec[],
  ignored: (name: string) => boolean,
): void {
  const names = new Set(specs.map((spec) => spec.name));
  const missing = specs.filter((spec) => !state.has(spec.name)).map((spec) => spec.name);
  const unexpected = [...state.keys()].filter((name) => !names.has(name) && !ignored(name));
  const wrongShape = specs.flatMap(({ name, torchShape }) => {
    const found = state.get(name)?.shape;
    if (found === undefined || String(found) === String(torchShape)) return [];
    return [`${name} [${found.join(', ')}] ≠ [${torchShape.join(', ')}]`];
  });
  if (missing.length + unexpected.length + wrongShape.length > 0) {
    throw new AppError('weights-mismatch', {
      backbone: backbone.title,
      missing: list(missing),
      unexpected: list(unexpected),
      wrongShape: list(wrongShape),
    });
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} … (${names.length})` : shown;
}

/** PyTorch's layout → the engine's. */
export function toEngineLayout(spec: ParameterSpec, data: Float32Array): Float32Array {
  const [a = 1, b = 1, ...rest] = spec.torchShape;
  const taps = rest.reduce((x, y) => x * y, 1);
  // conv: [O, I, taps] → [taps, I, O]; linear, without taps: [out, in] → [in, out]
  return spec.layout === 'vector' ? data.slice() : reverseAxes(data, a, b, taps);
}

/** The engine's layout → PyTorch's. */
export function toTorchLayout(spec: ParameterSpec, data: Float32Array): Float32Array {
  const [a = 1, b = 1, ...rest] = spec.torchShape;
  const taps = rest.reduce((x, y) => x * y, 1);
  return spec.layout === 'vector' ? data.slice() : reverseAxes(data, taps, b, a);
}

/** [a, b, c] → [c, b, a]. Depthwise filters ([C, 1, k, k] ↔ [k, k, C, 1]) fall out of it. */
function reverseAxes(data: Float32Array, a: number, b: number, c: number): Float32Array {
  const out = new Float32Array(data.length);
  let from = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) out[(k * b + j) * a + i] = data[from++] ?? 0;
    }
  }
  return out;
}
