/** PyTorch's own values of one step of every backbone, and the state that they start from. */
import type { Backbone } from '../../src/model/graph.ts';
import { expectedShapes, type StateDict } from '../../src/model/state-dict.ts';
import type { BackboneName } from '../../src/protocol/backbone.ts';
import efficientnetGolden from '../golden/networks/efficientnet_lite0.json' with { type: 'json' };
import mobilenetGolden from '../golden/networks/mobilenet_v2.json' with { type: 'json' };
import resnetGolden from '../golden/networks/resnet18.json' with { type: 'json' };
import { seeded, seededState } from './seeded.ts';
import type { GoldenRecord } from './tensors.ts';

export interface NetworkGolden {
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

export const networkGoldens: Record<BackboneName, NetworkGolden> = {
  efficientnet_lite0: efficientnetGolden,
  mobilenet_v2: mobilenetGolden,
  resnet18: resnetGolden,
};

/** The seeded weights, with the biases raised off the kinks as the golden script raised them. */
export function goldenState(backbone: Backbone, golden: NetworkGolden): StateDict {
  const state = seededState(expectedShapes(backbone, golden.classes));
  for (const [norm, digits] of Object.entries(golden.nudges)) {
    const bias = state.get(`${norm}.bias`)?.data;
    bias?.forEach((value, c) => (bias[c] = value + parseInt(digits[c] ?? '', 16) * (1 / 160)));
  }
  return state;
}

/** The golden's pictures [N, S, S, 3] and labels [N]. */
export function goldenBatch({ image, batch, size, classes }: NetworkGolden): {
  pixels: Float32Array;
  labels: Int32Array;
} {
  return {
    pixels: seeded(image, [batch, size, size, 3], 1.7),
    labels: Int32Array.from({ length: batch }, (_, i) => i % classes),
  };
}
