/**
 * Pretrained weights that a person gave, checked and unpacked. They go by what they hold (their
 * SHA-256): a run that trained only a head needs the very weights that were under it, so these stay
 * on the disk for as long as such a run does, even when another file took their place.
 */
import { del, get, getMany, keys } from 'idb-keyval';
import type { StateDict } from '../model/state-dict.ts';
import type { BackboneName } from '../protocol/backbone.ts';
import { store, transaction } from './database.ts';
import { needing } from './quota.ts';

export interface WeightsInfo {
  version: 1;
  id: string; // SHA-256 of the file, hex
  backbone: BackboneName;
  fileName: string;
  bytes: number; // of the file
}

/** Makes `weights` the ones that its backbone starts from. */
export async function putWeights(info: WeightsInfo, weights: StateDict): Promise<void> {
  try {
    await transaction(['backbones'], (objectStore) => {
      objectStore('backbones').put(weights, ['weights', info.id]);
      objectStore('backbones').put(info, ['current', info.backbone]);
    });
  } catch (error) {
    throw needing(info.bytes, error);
  }
}

/** The person's own weights for `backbone`; null where there are none. */
export async function currentWeights(backbone: BackboneName): Promise<WeightsInfo | null> {
  return (await get<WeightsInfo>(['current', backbone], store('backbones'))) ?? null;
}

export async function weightsById(id: string): Promise<StateDict | null> {
  return (await get<StateDict>(['weights', id], store('backbones'))) ?? null;
}

/** `backbone` starts from the app's own weights again, if it has any. */
export async function forgetCurrent(backbone: BackboneName): Promise<void> {
  await del(['current', backbone], store('backbones'));
}

/** Removes the weights that are neither current nor in `needed`. */
export async function pruneWeights(needed: ReadonlySet<string>): Promise<void> {
  const all = await keys<[kind: 'current' | 'weights', name: string]>(store('backbones'));
  const infos = await getMany<WeightsInfo>(
    all.filter(([kind]) => kind === 'current'),
    store('backbones'),
  );
  const current = new Set(infos.map((info) => info?.id));
  await transaction(['backbones'], (objectStore) => {
    for (const key of all) {
      const [kind, id] = key;
      if (kind === 'weights' && !current.has(id) && !needed.has(id)) {
        objectStore('backbones').delete(key);
      }
    }
  });
}
