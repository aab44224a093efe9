/**
 * What happens to a gradient when its last part has arrived: the activation that the value went
 * through closes where it was out of range, and the batch norms that the value came from get their
 * sums. Kernels that write gradients can do both as they write (`epilogue.ts`); else a pass of its
 * own does (`batch_norm/gradient.wgsl.ts`).
 */
import type { Activation } from '../kernels.ts';
import { activationMap, type Storage } from './map.ts';
import type { StorageBinding } from './program.ts';
import { maskGradient } from './source.ts';

/** Where it can be seen whether the activation let the value through. */
export type Mask =
  | { readonly kind: 'none' }
  /** From target 0 itself: activation(z * scale + shift). */
  | { readonly kind: 'normalized'; readonly activation: Activation }
  /** From the value as it was stored. */
  | { readonly kind: 'value'; readonly activation: Activation };

export interface Sink {
  readonly mask: Mask;
  /** Batch norms to sum for: their raw maps `z0`, `z1` and coefficients `z0Coef`, `z1Coef`. */
  readonly targets: 0 | 1 | 2;
  readonly storage?: Storage; // of all maps: `y`, `z0`, `z1`, and the gradient itself
}

const targetIndices = ({ targets }: Sink): number[] => [0, 1].slice(0, targets);

export function sinkBindings(sink: Sink): StorageBinding[] {
  return [
    ...(sink.mask.kind === 'value' ? [activationMap('y', sink.storage).binding] : []),
    ...targetIndices(sink).flatMap((t) => [
      activationMap(`z${t}`, sink.storage).binding,
      { name: `z${t}Coef`, type: 'vec4f' },
    ]),
    ...(sink.targets > 0 ? [{ name: 'partials', type: 'vec4f' }] : []),
  ];
}

/** vec4s of partial sums a channel vec4: sum of g, then g * zhat of each target. */
export function sinkPartialVectors({ targets }: Sink): number {
  return targets === 0 ? 0 : 1 + targets;
}

/** WGSL: `mask_gradient(g, index, c4)` and `normalized_<t>(index, c4)`. */
export function sinkFunctions(sink: Sink, c4: number): string {
  const { mask, storage } = sink;
  const stored = (name: string): string => activationMap(name, storage).load('index');
  const through = {
    none: () => 'g',
    value: (activation: Activation) => maskGradient('g', stored('y'), activation),
    normalized: (activation: Activation) =>
      maskGradient('g', `(${stored('z0')} * z0Coef[c4] + z0Coef[${c4}u + c4])`, activation),
  };
  const masked = mask.kind === 'none' ? through.none() : through[mask.kind](mask.activation);
  const normalized = targetIndices(sink).map(
    (t) => `fn normalized_${t}(index: u32, c4: u32) -> vec4f {
  return (${stored(`z${t}`)} - z${t}Coef[${2 * c4}u + c4]) * z${t}Coef[${3 * c4}u + c4];
}`,
  );
  return `fn mask_gradient(g: vec4f, index: u32, c4: u32) -> vec4f {
  return ${masked};
}
${normalized.join('\n')}
`;
}

/** WGSL around a loop over elements: `value` at `index`, `c4` is added to the sums. */
export function sinkElement(sink: Sink): { declare: string; add: string; names: string[] } {
  if (sink.targets === 0) return { declare: '', add: '', names: [] };
  const names = ['sum', ...targetIndices(sink).map((t) => `sum${t}`)];
  return {
    names,
    declare: names.map((name) => `var ${name} = vec4f();`).join('\n  '),
    add: [
      'sum += value;',
      ...targetIndices(sink).map((t) => `sum${t} += value * normalized_${t}(index, c4);`),
    ].join('\n    '),
  };
}

/** Whether there is anything to do at all. */
export function isIdle({ mask, targets }: Sink): boolean {
  return targets === 0 && (mask.kind === 'none' || mask.activation === 'linear');
}
