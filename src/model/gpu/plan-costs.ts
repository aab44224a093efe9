/** What a plan costs, known before it runs: memory, work, and the same by node of the description. */
import type { StepPlan } from './step-plan.ts';

export interface PlanCosts {
  readonly dispatches: number;
  readonly flops: number;
  readonly boundBytes: number; // sum over dispatches of what is bound to them
  readonly arenaBytes: number;
  readonly parameterBytes: number; // with gradients, moments and running statistics
  readonly peakBytes: number; // all of a step's buffers
}

export function planCosts({ dispatches, arena, layout }: StepPlan): PlanCosts {
  let flops = 0;
  let boundBytes = 0;
  let imageBytes = 0;
  const regions = new Set<string>();
  for (const { program, tensors } of dispatches) {
    flops += program.flops;
    for (const tensor of tensors) {
      boundBytes += tensor.bytes;
      if (tensor.kind === 'region') regions.add(tensor.region);
      if (tensor.kind === 'region' && tensor.region === 'image') imageBytes = tensor.bytes;
    }
  }
  const arenaBytes = arena.slabs.reduce((a, b) => a + b, 0);
  const perTrained = ['gradients', 'moments1', 'moments2', 'averages'].filter((region) =>
    regions.has(region),
  ).length;
  const parameterBytes =
    layout.parameterBytes + layout.runningBytes + perTrained * layout.trainedBytes;
  return {
    dispatches: dispatches.length,
    flops,
    boundBytes,
    arenaBytes,
    parameterBytes,
    peakBytes: arenaBytes + parameterBytes + imageBytes,
  };
}
