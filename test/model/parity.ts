/** What `network.test.ts` (WASM) and `network.browser.test.ts` (WebGPU) both assert. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { backbones } from '../../src/model/backbones/index.ts';
import { createNetwork, type Network } from '../../src/model/network.ts';
import type { Backbone } from '../../src/model/graph.ts';
import { parameterSpecs } from '../../src/model/parameters.ts';
import { expectedShapes, toTorchLayout, type StateDict } from '../../src/model/state-dict.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy/softmax-cross-entropy.ts';
import { backboneNames } from '../../src/protocol/backbone.ts';
import { createRandom } from '../../src/util/random.ts';
import efficientnetGolden from '../golden/networks/efficientnet_lite0.json' with { type: 'json' };
import mobilenetGolden from '../golden/networks/mobilenet_v2.json' with { type: 'json' };
import resnetGolden from '../golden/networks/resnet18.json' with { type: 'json' };
import { seeded, seededState } from '../support/seeded.ts';
import { expectNoLeak, type GoldenRecord } from '../support/tensors.ts';

interface NetworkGolden {
  image: string;
  nudges: Record<string, string>; // a hexadecimal digit a channel: steps of 1/160 on a bias
  classes: number;
  batch: number;
  size: number;
  evalLogits: GoldenRecord;
  logits: GoldenRecord;
  loss: number;
  gradients: Record<string, GoldenRecord>;
  running: Record<string, GoldenRecord>;
}

const goldens: Record<(typeof backboneNames)[number], NetworkGolden> = {
  efficientnet_lite0: efficientnetGolden,
  resnet18: resnetGolden,
  mobilenet_v2: mobilenetGolden,
};

/** max|difference| / max|reference| a tensor. */
const tolerance = 1e-3;

export function describeParity(): void {
  // Long on a software GPU, where compiling the shaders takes most of it.
  test.each(backboneNames)('%s computes as PyTorch does', { timeout: 300_000 }, async (name) => {
    const golden = goldens[name];
    const backbone = backbones[name];
    await expectNoLeak(async () => {
      const network = createNetwork(backbone, golden.classes, createRandom(1));
      network.loadStateDict(goldenState(backbone, golden));
      const { batch, size } = golden;
      const image = tf.tensor4d(seeded(golden.image, [batch, size, size, 3], 1.7), [
        batch,
        size,
        size,
        3,
      ]);
      await checkEval(network, image, golden);
      await checkTrainStep(network, image, golden);
      image.dispose();
      network.dispose();
    });
  });
}

/** The seeded weights, with the biases raised off the kinks as the golden script raised them. */
function goldenState(backbone: Backbone, golden: NetworkGolden): StateDict {
  const state = seededState(expectedShapes(backbone, golden.classes));
  for (const [norm, digits] of Object.entries(golden.nudges)) {
    const bias = state.get(`${norm}.bias`)?.data;
    bias?.forEach((value, c) => (bias[c] = value + parseInt(digits[c] ?? '', 16) * (1 / 160)));
  }
  return state;
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
  const labels = tf.tensor1d(
    Array.from({ length: golden.batch }, (_, i) => i % golden.classes),
    'int32',
  );
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
