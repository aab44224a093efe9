/**
 * The gradients of a plan's values while the way back is planned. A gradient may be shared (an
 * addition hands the same one to both its inputs) and may arrive in parts (a value with two readers);
 * what is shared is never written over.
 */
import { addGradient } from '../../ops/add/add.wgsl.ts';
import { gradientPartials, gradientSums } from '../../ops/batch_norm/gradient.wgsl.ts';
import { chunksFor, type Chunks } from '../../ops/gpu/chunks.ts';
import { padded } from '../../ops/gpu/program.ts';
import { isIdle, type Mask, type Sink } from '../../ops/gpu/sink.ts';
import type { PlanContext } from './plan-context.ts';
import type { ArenaTensor } from './tensors.ts';
import { floatsOf, rowsOf, type Value } from './values.ts';

/** Where a batch norm finds the sums of its output's gradient. */
export interface GradientSums {
  readonly partials: ArenaTensor;
  readonly sink: Sink;
  readonly target: number;
  readonly chunks: Chunks;
}

interface Gradient {
  tensor: ArenaTensor | null;
  parts: number; // still to come
  sums: GradientSums | null;
}

export interface Gradients {
  /** Where the next part of a value's gradient goes: written, or added to what is there. */
  open(value: Value): { tensor: ArenaTensor; accumulate: boolean };
  /** A part has been written; with the last one the gradient is finished off. */
  close(value: Value): void;
  /** One part for several values, which is there already. */
  share(values: readonly Value[], tensor: ArenaTensor): void;
  /** The finished gradient, which the caller now holds instead of the value. */
  take(value: Value): { tensor: ArenaTensor; sums: GradientSums | null; alone: boolean };
}

/** `readers`: of each value, the values that are made of it. */
export function createGradients(
  context: PlanContext,
  readers: ReadonlyMap<string, readonly Value[]>,
  inputsOf: (value: Value) => readonly Value[],
): Gradients {
  const { recorder, batch, choices } = context;
  const known = new Map<string, Gradient>();
  const holders = new Map<ArenaTensor, number>();

  const of = ({ name }: Value): Gradient => {
    const found = known.get(name);
    if (found) return found;
    const fresh: Gradient = { tensor: null, parts: readers.get(name)?.length ?? 0, sums: null };
    known.set(name, fresh);
    return fresh;
  };
  const hold = (tensor: ArenaTensor, change: 1 | -1): number => {
    const count = (holders.get(tensor) ?? 0) + change;
    holders.set(tensor, count);
    return count;
  };
  const newTensor = (value: Value): ArenaTensor => {
    const tensor = recorder.tensor(
      `gradient of ${value.name}`,
      batch * floatsOf(value),
      value.storage,
    );
    hold(tensor, 1);
    return tensor;
  };
  const shapeOf = (value: Value) => ({
    batch,
    channels: value.shape[2],
    rowsPerImage: rowsOf(value),
  });
  const add = (value: Value, copy: boolean) =>
    addGradient(shapeOf(value), { copy, storage: value.storage });
  /** The value's own copy of a gradient that others hold as well. */
  const makeOwn = (value: Value, gradient: Gradient): ArenaTensor => {
    const { tensor } = gradient;
    if (tensor === null) throw new Error(`${value.name} has no gradient`);
    if (holders.get(tensor) === 1) return tensor;
    const copy = newTensor(value);
    recorder.emit(value.name, add(value, true), [tensor, copy]);
    hold(tensor, -1);
    gradient.tensor = copy;
    return copy;
  };

  /** The batch norms whose output goes nowhere but into this value, unchanged but for a sum. */
  const targetsOf = (value: Value): Value[] => {
    if (value.step?.kind === 'conv') return [value];
    if (value.step?.kind !== 'add') return [];
    return inputsOf(value).filter(
      (input) =>
        input.trained &&
        input.coef !== null &&
        input.activation === 'linear' &&
        readers.get(input.name)?.length === 1,
    );
  };

  const maskOf = (value: Value): Mask => {
    const { step } = value;
    if (step?.kind !== 'conv' && step?.kind !== 'add') return { kind: 'none' };
    if (step.activation === 'linear') return { kind: 'none' };
    const kind = step.kind === 'conv' ? 'normalized' : 'value';
    return { kind, activation: step.activation };
  };

  const finish = (value: Value): void => {
    const gradient = of(value);
    if (gradient.sums !== null) return; // came with the gradient that it shares
    const targets = targetsOf(value);
    const sink: Sink = {
      mask: maskOf(value),
      targets: targets.length === 2 ? 2 : targets.length === 1 ? 1 : 0,
      storage: value.storage,
    };
    if (isIdle(sink)) return;
    const tensor = sink.mask.kind === 'none' ? gradient.tensor : makeOwn(value, gradient);
    if (tensor === null) throw new Error(`${value.name} has no gradient`);
    const shape = shapeOf(value);
    const c4 = padded(shape.channels) / 4;
    const chunks = chunksFor(shape.rowsPerImage, c4, batch, choices.reductionLanes);
    const options = { ...shape, chunks, sink };
    const partials = recorder.tensor(`${value.name} gradient partials`, gradientPartials(options));
    const program = gradientSums(options);
    recorder.emit(value.name, program, [
      tensor,
      ...(sink.mask.kind === 'value' ? [value.map] : []),
      ...targets.flatMap((one) => [one.map, coefOf(one)]),
      ...(targets.length > 0 ? [partials] : []),
    ]);
    targets.forEach((one, target) => {
      of(one).sums = { partials, sink, target, chunks };
    });
  };

  const gradients: Gradients = {
    open(value) {
      const gradient = of(value);
      if (gradient.tensor === null) {
        gradient.tensor = newTensor(value);
        return { tensor: gradient.tensor, accumulate: false };
      }
      return { tensor: makeOwn(value, gradient), accumulate: true };
    },
    close(value) {
      const gradient = of(value);
      gradient.parts--;
      if (gradient.parts === 0) finish(value);
    },
    share(values, tensor) {
      // All hold it before any is finished off, so that none writes over what another needs.
      hold(tensor, 1);
      for (const value of values) {
        const gradient = of(value);
        if (gradient.tensor === null) {
          gradient.tensor = tensor;
          hold(tensor, 1);
        } else {
          const own = makeOwn(value, gradient);
          recorder.emit(value.name, add(value, false), [tensor, own]);
        }
      }
      values.slice(1).forEach((value) => gradients.close(value));
      hold(tensor, -1);
      values.slice(0, 1).forEach((value) => gradients.close(value));
    },
    take(value) {
      const { tensor, sums } = of(value);
      if (tensor === null) throw new Error(`${value.name} has no gradient`);
      known.delete(value.name);
      return { tensor, sums, alone: hold(tensor, -1) === 0 };
    },
  };
  return gradients;
}

export function coefOf({ name, coef }: Value) {
  if (coef === null) throw new Error(`${name} has no batch norm`);
  return coef;
}
