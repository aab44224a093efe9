/** A planned step against PyTorch: what node (over Dawn) and the browser both assert. */
import { expect } from 'vitest';
import { backbones } from '../../../src/model/backbones/index.ts';
import { createGpuNetwork } from '../../../src/model/gpu/gpu-network.ts';
import type { KernelChoices } from '../../../src/model/gpu/kernel-choices.ts';
import { torchAdam } from '../../../src/ops/optimizer/optimizer.wgsl.ts';
import type { BackboneName } from '../../../src/protocol/backbone.ts';
import { createRandom } from '../../../src/util/random.ts';
import { goldenBatch, goldenState, networkGoldens } from '../../support/network-golden.ts';
import '../../support/tensors.ts';

/** max|difference| / max|reference| a tensor. */
export const tolerances: Record<BackboneName, number> = {
  resnet18: 1e-4,
  mobilenet_v2: 1e-3,
  efficientnet_lite0: 1e-3,
};

export async function checkAgainstTorch(
  device: GPUDevice,
  name: BackboneName,
  choices: KernelChoices,
): Promise<void> {
  const golden = networkGoldens[name];
  const tolerance = tolerances[name];
  const backbone = backbones[name];
  const { classes, batch, size } = golden;
  const slabBytes = device.limits.maxStorageBufferBindingSize;
  // Planned for more photos than come: a last, smaller batch is the usual case.
  const options = { backbone, classes, batch: batch + 1, size, choices, slabBytes };
  const network = await createGpuNetwork(
    device,
    options,
    { kind: 'full', train: { rule: torchAdam } },
    createRandom(1),
  );
  try {
    network.loadStateDict(goldenState(backbone, golden));
    const { pixels, labels } = goldenBatch(golden);
    const given = { count: batch, inputs: pixels, labels };
    await network.collect(given);
    const { logits } = await network.collected();
    expect(logits, 'eval logits').toMatchGolden(golden.evalLogits, tolerance);

    network.setBatch(given);
    await network.trainStep({ learningRate: 0 });
    const { stepLoss } = await network.sums();
    expect([stepLoss], 'loss').toMatchGolden([golden.loss], tolerance);
    const gradients = await network.gradients();
    expect([...gradients.keys()].sort()).toEqual(Object.keys(golden.gradients).sort());
    for (const [key, expected] of Object.entries(golden.gradients)) {
      expect(gradients.get(key)?.data, `gradient of ${key}`).toMatchGolden(expected, tolerance);
    }
    const { state } = await network.collected();
    for (const [key, expected] of Object.entries(golden.running)) {
      expect(state.get(key)?.data, key).toMatchGolden(expected, tolerance);
    }
  } finally {
    network.dispose();
  }
}
