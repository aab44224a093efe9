/** A profile as the trainer worker would measure it, of round figures. */
import type { Profile } from '../../../src/protocol/profile.ts';

export const fakeProfile: Profile = {
  task: { backbone: 'resnet18', imageSize: 64, batchSize: 4, classes: 10 },
  device: { backend: 'webgpu', adapter: 'Test GPU', software: false, reason: 'asked' },
  timing: { by: 'timestamps', quantumNs: 65_536 },
  steps: 12,
  peak: { gflops: 1000, gbps: 100 },
  rows: [
    {
      ...{ node: 'layer1.0.conv1', op: 'conv2d/forward', dispatches: 1 },
      ...{ gpuMs: 6, flops: 3e9, boundBytes: 30e6 },
    },
    {
      ...{ node: 'layer1.0.bn1', op: 'batch_norm/statistics', dispatches: 2 },
      ...{ gpuMs: 2, flops: 0, boundBytes: 100e6 },
    },
    {
      ...{ node: 'conv1', op: 'conv2d/forward', dispatches: 1 },
      ...{ gpuMs: 2, flops: 1e9, boundBytes: 10e6 },
    },
  ],
  step: {
    ms: 12.5,
    hostMs: 0.25,
    dispatches: 4,
    submits: 1,
    buffers: 0,
    bindGroups: 0,
    batchBytes: 262_160,
    uploadBytes: 32,
    readBacks: 0,
    peakBytes: 183.9e6,
    forecastBytes: 180e6,
  },
};
