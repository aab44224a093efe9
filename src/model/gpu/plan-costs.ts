/** What a plan costs, known before it runs: memory, work, and the same by node of the description. */
import { padded } from '../../ops/gpu/program.ts';
import type { StepPlan } from './step-plan.ts';
import { storedBytes } from './tensors.ts';

export interface PlanCosts {
  readonly dispatches: number;
  readonly flops: number;
  readonly boundBytes: number; // sum over dispatches of what is bound to them
  readonly arenaBytes: number;
  readonly parameterBytes: number; // with gradients, moments and running statistics
  readonly peakBytes: number; // all of a step's buffers
}

export function planCosts(plan: StepPlan): PlanCosts {
  const { dispatches, arena, layout, batch, input, storage } = plan;
  let flops = 0;
  let boundBytes = 0;
  const regions = new Set<string>();
  for (const { program, tensors } of dispatches) {
    flops += program.flops;
    for (const tensor of tensors) {
      boundBytes += tensor.bytes;
      if (tensor.kind === 'region') regions.add(tensor.region);
    }
  }
  const arenaBytes = arena.slabs.reduce((a, b) => a + b, 0);
  const perTrained = ['gradients', 'moments1', 'moments2', 'averages'].filter((region) =>
    regions.has(region),
  ).length;
  const parameterBytes =
    layout.parameterBytes + layout.runningBytes + perTrained * layout.trainedBytes;
  const imageBytes = storedBytes(batch * input.rows * padded(input.channels), storage);
  return {
    dispatches: dispatches.length,
    flops,
    boundBytes,
    arenaBytes,
    parameterBytes,
    peakBytes: arenaBytes + parameterBytes + imageBytes,
  };
}
