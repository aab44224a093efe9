import { describe } from 'vitest';
import { softwareChoices } from '../../src/model/gpu/kernel-choices.ts';
import { createPlannedEngine } from '../../src/train/engine.ts';
import { openNodeGpu } from '../support/node-gpu.ts';
import { describeCurve } from './curve.ts';

const device = await openNodeGpu();

describe.skipIf(device === null)('on a GPU', () => {
  describeCurve((options) => {
    if (device === null) throw new Error('no device');
    return createPlannedEngine(device, options, () => Promise.resolve(softwareChoices));
  });
});
