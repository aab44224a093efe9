/** What an epoch asked of the GPU, a step on average; null on the CPU. */
import { createGpuCounter } from '../device/counters.ts';
import type { DeviceInfo, GpuCounts } from '../protocol/device.ts';

export function countEpoch(device: DeviceInfo): { read(steps: number): GpuCounts | null } {
  const counter = createGpuCounter();
  return {
    read(steps) {
      if (device.backend !== 'webgpu' || steps === 0) return null;
      const { dispatches, submits, peakBytes } = counter.read();
      return {
        dispatchesPerStep: Math.round(dispatches / steps),
        submitsPerStep: Math.round(submits / steps),
        peakBytes,
      };
    },
  };
}
