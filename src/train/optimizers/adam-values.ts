/** What a step of Adam on the GPU needs to know of its number (`ops/optimizer`). */
import type { StepValues } from '../../ops/gpu/executor.ts';
import type { OptimizerRule } from '../../ops/optimizer/optimizer.wgsl.ts';

/** `step` counts from 1. */
export function adamValues(
  rule: OptimizerRule,
  step: number,
  learningRate: number,
): Omit<StepValues, 'batch'> {
  if (rule.kind === 'sgd') return { learningRate };
  return {
    learningRate,
    biasCorrection1: 1 - rule.beta1 ** step,
    biasCorrection2: Math.sqrt(1 - rule.beta2 ** step),
  };
}
