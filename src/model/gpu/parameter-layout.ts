/**
 * Where each parameter lies in the network's parameter buffer: those that stay frozen first, the
 * trained ones in one run behind them, so that one dispatch updates them all. Gradients and moments
 * have the layout of that run.
 */
import type { ParameterSpec } from '../parameters.ts';
import { align, alignment, type Region, type Tensor } from './tensors.ts';

export interface ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  readonly parameterBytes: number;
  readonly runningBytes: number;
  readonly trainedOffset: number; // bytes, where the trained run begins
  readonly trainedBytes: number;
  /** A parameter or running statistic by PyTorch's name. */
  tensor(name: string): Tensor;
  /** The place of a trained parameter in `gradients`, `moments1`, `moments2` or `averages`. */
  trained(name: string, region: Region): Tensor;
  isTrained(spec: ParameterSpec): boolean;
}

export function layOutParameters(
  specs: readonly ParameterSpec[],
  isTrained: (spec: ParameterSpec) => boolean,
): ParameterLayout {
  const places = new Map<string, { region: Region; offset: number; bytes: number }>();
  const put = (region: Region, some: readonly ParameterSpec[], start: number): number => {
    let offset = start;
    for (const { name, shape } of some) {
      const bytes = 4 * shape.reduce((a, b) => a * b, 1);
      places.set(name, { region, offset, bytes });
      offset += align(bytes);
    }
    return offset;
  };
  const parameters = specs.filter(({ role }) => role === 'parameter');
  const trainedOffset = put(
    'parameters',
    parameters.filter((spec) => !isTrained(spec)),
    0,
  );
  const parameterBytes = put('parameters', parameters.filter(isTrained), trainedOffset);
  const buffers = specs.filter(({ role }) => role === 'buffer');
  const runningBytes = Math.max(put('running', buffers, 0), alignment);
  const place = (name: string) => {
    const found = places.get(name);
    if (found === undefined) throw new Error(`no parameter ${name}`);
    return found;
  };
  return {
    specs,
    parameterBytes,
    runningBytes,
    trainedOffset,
    trainedBytes: parameterBytes - trainedOffset,
    tensor: (name) => ({ kind: 'region', ...place(name) }),
    trained(name, region) {
      const { offset, bytes } = place(name);
      return { kind: 'region', region, offset: offset - trainedOffset, bytes };
    },
    isTrained,
  };
}
