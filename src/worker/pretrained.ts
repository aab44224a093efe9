/**
 * Pretrained weights by where they come from: the person's own file first, else the app's. A
 * head-only run keeps just its head and the name of what it stands on; here the two are joined.
 */
import type { Backbone } from '../model/graph.ts';
import type { StateDict } from '../model/state-dict.ts';
import { loadShipped } from '../model/weights/shipped.ts';
import { AppError } from '../protocol/errors.ts';
import { currentWeights, weightsById } from '../storage/backbones.ts';
import type { BestWeights } from '../train/checkpoint.ts';

/** The app's own weights are always at hand and need no hash. */
const shippedId = 'app';

/** Which weights a run of `backbone` would start from now. */
export async function pretrainedId(backbone: Backbone): Promise<string> {
  return (await currentWeights(backbone.name))?.id ?? shippedId;
}

export async function loadPretrained(backbone: Backbone, id: string): Promise<StateDict> {
  if (id === shippedId) return loadShipped(backbone);
  const weights = await weightsById(id);
  if (!weights) throw new AppError('weights-missing', { backbone: backbone.title });
  return weights;
}

/** All of the network, as it was in the best epoch. */
export async function completeWeights(backbone: Backbone, best: BestWeights): Promise<StateDict> {
  if (best.backboneWeights === null) return best.model;
  const base = await loadPretrained(backbone, best.backboneWeights);
  return joinHead(backbone, base, best.model);
}

/** `base` without its own head, and `head` in its place. */
export function joinHead(backbone: Backbone, base: StateDict, head: StateDict): StateDict {
  const isHead = (name: string): boolean => name.startsWith(`${backbone.headName}.`);
  return new Map([...[...base].filter(([name]) => !isHead(name)), ...head]);
}
