/** What `network.test.ts` (WASM) and `network.browser.test.ts` (WebGPU) both assert. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { createNetwork, type Network } from '../../src/model/network.ts';
import { parameterSpecs } from '../../src/model/parameters.ts';
import { toTorchLayout } from '../../src/model/state-dict.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import { backboneNames, type BackboneName } from '../../src/protocol/backbone.ts';
import { createRandom } from '../../src/util/random.ts';
import {
  goldenBatch,
  goldenState,
  networkGoldens,
  type NetworkGolden,
} from '../support/network-golden.ts';
import { expectNoLeak } from '../support/tensors.ts';

/** max|difference| / max|reference| a tensor. */
const tolerance = 1e-3;

export function describeParity(names: readonly BackboneName[] = backboneNames): void {
  // Long on a software GPU, where compiling the shaders takes most of it.
  test.each(names)('%s computes as PyTorch does', { timeout: 300_000 }, async (name) => {
    const golden = networkGoldens[name];
    const backbone = backbones[name];
    await expectNoLeak(async () => {
      const network = createNetwork(backbone, golden.classes, createRandom(1));
      network.loadStateDict(goldenState(backbone, golden));
      const { batch, size } = golden;
      const image = tf.tensor4d(goldenBatch(golden).pixels, [batch, size, size, 3]);
      await checkEval(network, image, golden);
      await checkTrainStep(network, image, golden);
      image.dispose();
      network.dispose();
    });
  });
}

async function checkEval(network: Network, x: tf.Tensor4D, golden: NetworkGolden): Promise<void> {
  const features = await network.features(x);
  const logits = network.head(features);
  expect(await logits.data(), 'eval logits').toMatchGolden(golden.evalLogits, tolerance);
  tf.dispose([features, logits]);
}

async function checkTrainStep(
  network: Network,
  x: tf.Tensor4D,
  golden: NetworkGolden,
): Promise<void> {
  const labels = tf.tensor1d(goldenBatch(golden).labels, 'int32');
  const pass = await network.forwardTrain(x);
  expect(await pass.logits.data(), 'train logits').toMatchGolden(golden.logits, tolerance);
  const { loss, dLogits, correct } = softmaxCrossEntropy(pass.logits, labels);
  expect([...(await loss.data())], 'loss').toMatchGolden([golden.loss], tolerance);
  const gradients = await pass.backward(dLogits);

  const specs = parameterSpecs(network.backbone, network.classes);
  expect([...gradients.keys()].sort()).toEqual(Object.keys(golden.gradients).sort());
  const found = new Map(
    await Promise.all(
      [...gradients].map(async ([name, g]) => [name, await g.data<'float32'>()] as const),
    ),
  );
  for (const spec of specs) {
    const expected = golden.gradients[spec.name];
    const data = found.get(spec.name);
    if (!expected || !data) continue; // a buffer: the key lists are equal
    const values = toTorchLayout(spec, data);
    expect(values, `gradient of ${spec.name}`).toMatchGolden(expected, tolerance);
  }
  const state = await network.stateDict();
  for (const [name, expected] of Object.entries(golden.running)) {
    expect(state.get(name)?.data, name).toMatchGolden(expected, tolerance);
  }
  tf.dispose([labels, loss, dLogits, correct, ...gradients.values()]);
}
