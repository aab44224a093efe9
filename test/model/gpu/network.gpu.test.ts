import { describe, it } from 'vitest';
import { gpuChoices, softwareChoices } from '../../../src/model/gpu/kernel-choices.ts';
import { backboneNames } from '../../../src/protocol/backbone.ts';
import { openNodeGpu } from '../../support/node-gpu.ts';
import { checkAgainstTorch } from './parity.ts';

const device = await openNodeGpu();

describe.skipIf(device === null)('a planned step on a GPU', () => {
  it.each(backboneNames)('%s computes as PyTorch does, without barriers', async (name) => {
    if (device) await checkAgainstTorch(device, name, softwareChoices);
  });
  it('computes the same in tiles of workgroup memory', async () => {
    if (device) await checkAgainstTorch(device, 'resnet18', gpuChoices);
  }, 300_000);
});
