/**
 * Weights from a file that a person gives: `.safetensors` or `.pth`, told apart by what is in them.
 * Taken when names and shapes are the backbone's. Its head may have any number of classes, or be
 * missing, since fine-tuning puts a new one in its place.
 */
import { AppError } from '../../protocol/errors.ts';
import type { Backbone } from '../graph.ts';
import { parameterSpecs } from '../parameters.ts';
import { checkStateDict, type StateDict } from '../state-dict.ts';
import { isPth, readPth } from './pth.ts';
import { readSafetensors } from './safetensors.ts';

export type NamedBlob = Blob & { readonly name: string };

/** The largest backbone planned is VGG-16, 528 MiB; twice that is not one of ours. */
const maxBytes = 2 ** 30;

export async function readWeightsFile(file: NamedBlob, backbone: Backbone): Promise<StateDict> {
  const { name, size } = file;
  if (size > maxBytes) {
    throw new AppError('weights-format', { name, detail: `${size} bytes are too many` });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const state = isPth(bytes) ? readPth(bytes, name) : readSafetensors(bytes, name).tensors;
  return checkWeights(withoutPrefix(state), backbone);
}

/** The same state when it fits `backbone`, else 'weights-mismatch'. */
export function checkWeights(state: StateDict, backbone: Backbone): StateDict {
  const headWeight = state.get(`${backbone.headName}.weight`);
  const classes = headWeight?.shape[0] ?? 0;
  const specs = parameterSpecs(backbone, classes).filter(
    ({ head }) => !head || headWeight !== undefined,
  );
  checkStateDict(backbone, state, specs, () => false);
  return state;
}

/** `DataParallel` puts `module.` before every name, `torch.compile` `_orig_mod.`. */
function withoutPrefix(state: StateDict): StateDict {
  const names = [...state.keys()];
  const prefix = ['module.', '_orig_mod.'].find(
    (candidate) => names.length > 0 && names.every((name) => name.startsWith(candidate)),
  );
  if (prefix === undefined) return state;
  return withoutPrefix(
    new Map([...state].map(([name, tensor]) => [name.slice(prefix.length), tensor])),
  );
}
