/** The profile of a training step, for those who ask for it (`?profile`). */
import { counted } from './common.ts';

export const profile = {
  title: 'Profile of a training step',
  lead: (backbone: string, imageSize: number, batchSize: number) =>
    `${backbone}, ${imageSize} px, batch ${batchSize}, all layers trained`,
  waiting: 'Measured when this run has ended, so that neither disturbs the other.',
  working: 'Measuring a few steps …',
  measure: 'Measure a step of this run',
  again: 'Measure again',
  copy: 'Copy as text',
  copied: 'Copied',
  facts: 'The step as a whole',
  step: 'A step takes',
  kernels: 'Kernels on the GPU',
  host: 'Host',
  hostShare: (share: string) => `${share} of the step`,
  dispatches: 'Dispatches',
  submits: (count: string) => `submits: ${count}`,
  created: 'Created in the step',
  createdNote: (buffers: string, bindGroups: string) =>
    `${buffers} buffers, ${bindGroups} bind groups`,
  uploads: 'Uploads beside the batch',
  uploadsNote: (batch: string) => `the batch: ${batch}`,
  readBacks: 'Read-backs',
  memory: 'Peak memory',
  forecast: (bytes: string) => `forecast ${bytes}`,
  peak: 'Measured peak of the device',
  peakNote: (gbps: string) => `copy ${gbps} GB/s`,
  milliseconds: (value: string) => `${value} ms`,
  timing: {
    timestamps: (steps: number) =>
      `Kernels are timed by the GPU’s own timestamps, as means over ${counted(steps, 'step')}.`,
    rounded: (steps: number, microseconds: string) =>
      `Kernels are timed by the GPU’s own timestamps, which the browser rounds to ${microseconds} µs, as means over ${counted(steps, 'step')}.`,
    submits: (steps: number, empty: string) =>
      `This device has no timestamps: kernels are submitted one by one and waited for, less the ${empty} ms that waiting takes, as means over ${counted(steps, 'step')}. Short kernels are not told apart this way.`,
  },
  explain:
    'Shares are of all kernels’ time, of the fastest matrix product, and of the fastest copy seen on this device. Bound bytes are those of the buffers given to a kernel: caches can make them pass 100 %.',
  byKernel: 'By kernel',
  byNode: 'All layers',
  columns: {
    kernel: 'Kernel',
    node: 'Layer',
    ms: 'ms',
    time: 'Of time',
    flops: 'FLOP',
    ofPeak: 'Of peak',
    bound: 'Bound',
    ofCopy: 'Of copy',
    dispatches: 'Dispatches',
  },
};
