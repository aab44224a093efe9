import { describe } from 'vitest';
import { gpuBytes } from '../../src/device/counters.ts';
import { softwareChoices } from '../../src/model/gpu/kernel-choices.ts';
import { createPlannedEngine } from '../../src/train/engine.ts';
import { openNodeGpu } from '../support/node-gpu.ts';
import { describeTrainers } from './trainers.ts';

const device = await openNodeGpu();

describe.skipIf(device === null)('on a GPU', () => {
  describeTrainers({
    open(options) {
      if (device === null) throw new Error('no device');
      return createPlannedEngine(device, options, () => Promise.resolve(softwareChoices));
    },
    memory: gpuBytes,
  });
});
