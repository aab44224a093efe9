/** What the curve of `test/golden/curve.py` starts from, and sees at each step. */
import { backbones } from '../../src/model/backbones/index.ts';
import { expectedShapes, type StateDict } from '../../src/model/state-dict.ts';
import golden from '../golden/curve.json' with { type: 'json' };
import { seeded, seededState } from '../support/seeded.ts';

const { batch, size, classes, branchScale } = golden;

/** The seeded weights, with the residual branches weakened as the golden script weakened them. */
export function startingState(): StateDict {
  const state = seededState(expectedShapes(backbones.resnet18, classes));
  for (const [name, { data }] of state) {
    if (name.endsWith('bn2.weight')) data.forEach((value, c) => (data[c] = value * branchScale));
  }
  return state;
}

export function curveBatch(step: number) {
  return {
    count: batch,
    inputs: seeded(`image-${step}`, [batch, size, size, 3], 1.7),
    labels: Int32Array.from({ length: batch }, (_, i) => (i + step) % classes),
  };
}
