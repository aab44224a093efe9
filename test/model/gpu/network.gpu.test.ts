import { describe, expect, it } from 'vitest';
import { backbones } from '../../../src/model/backbones/index.ts';
import { createGpuNetwork } from '../../../src/model/gpu/gpu-network.ts';
import { softwareChoices } from '../../../src/model/gpu/kernel-choices.ts';
import { torchAdam } from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import { backboneNames } from '../../../src/protocol/backbone.ts';
import { createRandom } from '../../../src/util/random.ts';
import { openNodeGpu } from '../../support/node-gpu.ts';
import { seeded } from '../../support/seeded.ts';
import { checkAgainstTorch } from './parity.ts';

const device = await openNodeGpu();

/** Most of it is compiling some 200 pipelines on an emulated GPU. */
const timeout = 400_000;

describe.skipIf(device === null)('a planned step on a GPU', () => {
  it.each(backboneNames)('%s computes as PyTorch does', { timeout }, async (name) => {
    if (device) await checkAgainstTorch(device, name, softwareChoices);
  });

  it.each(backboneNames)('%s takes 32 photos of 64 px', { timeout }, async (name) => {
    if (device === null) return;
    const [classes, batch, size] = [10, 32, 64];
    const slabBytes = device.limits.maxStorageBufferBindingSize;
    const network = await createGpuNetwork(
      device,
      { backbone: backbones[name], classes, batch, size, choices: softwareChoices, slabBytes },
      { kind: 'full', train: { rule: torchAdam } },
      createRandom(1),
    );
    const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
    network.setBatch({ count: batch, inputs: seeded('x', [batch, size, size, 3], 1.7), labels });
    const values = { learningRate: 1e-3, biasCorrection1: 0.1, biasCorrection2: 0.0316 };
    const losses = [];
    for (let step = 0; step < 2; step++) {
      await network.trainStep(values);
      losses.push((await network.sums()).stepLoss);
    }
    network.dispose();
    expect(losses[0]).toBeGreaterThan(1.5); // a head that knows nothing: about ln 10
    expect(losses[0]).toBeLessThan(4);
    expect(losses[1]).toBeLessThan(losses[0] ?? NaN); // the same photos again
  });
});
