/** The buffers of a network on the GPU: one a region, and the arena's slabs, which plans share. */
import type { BufferView, Dispatch } from '../../ops/gpu/executor.ts';
import { metricBytes } from './plan-head.ts';
import type { PlannedDispatch } from './recorder.ts';
import type { StepPlan } from './step-plan.ts';
import { align, regions, type Region, type Tensor } from './tensors.ts';

export interface NetworkMemory {
  has(region: Region): boolean;
  region(region: Region): GPUBuffer;
  view(plan: StepPlan, tensor: Tensor): BufferView;
  bind(plan: StepPlan, dispatches: readonly PlannedDispatch[]): Dispatch[];
  destroy(): void;
}

/** Zeros everywhere, as WebGPU makes buffers. */
export function allocate(device: GPUDevice, plans: readonly StepPlan[]): NetworkMemory {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const create = (label: string, size: number) => device.createBuffer({ label, size, usage });
  const sizes = regionBytes(plans);
  const byRegion = new Map(
    regions
      .filter((region) => sizes[region] > 0)
      .map((region) => [region, create(region, align(sizes[region]))]),
  );
  const slabCount = Math.max(...plans.map(({ arena }) => arena.slabs.length));
  const slabs = Array.from({ length: slabCount }, (_, slab) =>
    create(`arena ${slab}`, Math.max(...plans.map(({ arena }) => arena.slabs[slab] ?? 0))),
  );
  const memory: NetworkMemory = {
    has: (region) => byRegion.has(region),
    region(region) {
      const buffer = byRegion.get(region);
      if (buffer === undefined) throw new Error(`the plan has no ${region}`);
      return buffer;
    },
    view({ arena }, tensor) {
      const size = Math.max(16, Math.ceil(tensor.bytes / 16) * 16); // whole vec4s
      if (tensor.kind === 'region') {
        return { buffer: memory.region(tensor.region), offset: tensor.offset, size };
      }
      const place = arena.places.get(tensor);
      const buffer = slabs[place?.slab ?? -1];
      if (place === undefined || buffer === undefined)
        throw new Error(`${tensor.label} has no place`);
      return { buffer, offset: place.offset, size };
    },
    bind: (plan, dispatches) =>
      dispatches.map(({ program, tensors }) => ({
        program,
        views: tensors.map((tensor) => memory.view(plan, tensor)),
      })),
    destroy() {
      for (const buffer of [...byRegion.values(), ...slabs]) buffer.destroy();
    },
  };
  return memory;
}

/** Those that a plan binds, as large as the largest plan wants them. */
function regionBytes(plans: readonly StepPlan[]): Record<Region, number> {
  const sizes: Record<Region, number> = {
    parameters: Math.max(...plans.map(({ layout }) => layout.parameterBytes)),
    running: Math.max(...plans.map(({ layout }) => layout.runningBytes)),
    gradients: 0,
    moments1: 0,
    moments2: 0,
    averages: 0,
    image: 0,
    labels: 0,
    metrics: metricBytes,
    scaler: 0,
  };
  for (const { dispatches } of plans) {
    for (const tensor of dispatches.flatMap(({ tensors }) => tensors)) {
      if (tensor.kind !== 'region') continue;
      sizes[tensor.region] = Math.max(sizes[tensor.region], tensor.offset + align(tensor.bytes));
    }
  }
  return sizes;
}
