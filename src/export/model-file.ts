/**
 * `model.safetensors`: all of the network under torchvision's or timm's names, so that their
 * `load_state_dict(strict=True)` takes it.
 */
import type { Backbone } from '../model/graph.ts';
import type { StateDict } from '../model/state-dict.ts';
import { writeSafetensors, type WritableTensor } from '../model/weights/safetensors.ts';
import { referenceModels } from './reference-model.ts';

export function modelFile(
  backbone: Backbone,
  state: StateDict,
  classes: number,
): Uint8Array<ArrayBuffer> {
  const { library, model } = referenceModels[backbone.name];
  const metadata = { format: 'pt', library, model, num_classes: String(classes) };
  return writeSafetensors(withCounters(backbone, state), metadata);
}

/**
 * PyTorch counts the batches that each batch norm has seen, for a momentum of `None`; Graft's is
 * 0.1, so the count is of no consequence, but a strict load wants it there.
 */
function withCounters(backbone: Backbone, state: StateDict): Map<string, WritableTensor> {
  const tensors = new Map<string, WritableTensor>(state);
  for (const node of backbone.nodes) {
    if (node.op !== 'batch_norm') continue;
    const counter = { shape: [], data: BigInt64Array.of(0n) };
    tensors.set(`${node.name}.num_batches_tracked`, counter);
  }
  return tensors;
}
