/** What the bench times against each other computes the same, of every kind one. */
import { describe, expect, it } from 'vitest';
import { kernelName, type KernelSpec } from '../../src/cli/bench-kernels.ts';
import { relativeError } from '../support/gpu-maps.ts';
import { openNodeGpu } from '../support/node-gpu.ts';
import { ourKernel } from './our-kernels.ts';
import { stockKernel } from './stock-kernels.ts';
import type { Workload } from './workload.ts';

const device = await openNodeGpu();

const parts = ['forward', 'input_gradient', 'filter_gradient'] as const;
const size = { batch: 2, size: 8, inChannels: 8, outChannels: 8, kernel: 3, stride: 2 };
const map = { batch: 2, size: 8, channels: 8 };
const specs: KernelSpec[] = [
  ...parts.map((part): KernelSpec => ({ op: 'conv2d', part, ...size, outChannels: 12 })),
  { op: 'conv2d', part: 'filter_gradient', ...size, inChannels: 3, kernel: 7 },
  ...parts.map((part): KernelSpec => ({ op: 'depthwise_conv2d', part, ...size })),
  { op: 'batch_norm', ...map },
  { op: 'max_pool', ...map },
  { op: 'global_avg_pool', ...map },
  { op: 'softmax_cross_entropy', batch: 4, classes: 12 },
  { op: 'adam', variables: 3, each: 256 },
];

async function firstValues(workload: Workload): Promise<number[]> {
  const result = await workload.run();
  const values = Array.from(await result.data());
  result.dispose();
  workload.dispose();
  return values;
}

describe.skipIf(device === null)('both engines’ kernels', () => {
  it.each(specs.map((spec) => ({ name: kernelName(spec), spec })))('$name', async ({ spec }) => {
    if (device === null) return;
    const ours = await firstValues(await ourKernel(device, spec));
    const stock = await firstValues(stockKernel(spec));
    expect(ours.length).toBeGreaterThan(40);
    expect(Math.max(...stock.map(Math.abs))).toBeGreaterThan(0.01);
    // Adam's step is 1e-4 of its parameters.
    expect(relativeError(ours, stock)).toBeLessThan(spec.op === 'adam' ? 1e-6 : 1e-4);
  });
});
