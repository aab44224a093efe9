/**
 * Checkpoints on the disk: two slots a run and a pointer to the newest, so that the last good one
 * outlives a write that goes wrong, and the best weights apart. All of it, with the run's record,
 * in one transaction that ends when the bytes are on the disk.
 */
import { get, getMany, keys } from 'idb-keyval';
import type { Run } from '../protocol/run.ts';
import type { BestWeights, Checkpoint } from '../train/checkpoint.ts';
import { keysOf, store, transaction } from './database.ts';
import { needing } from './quota.ts';

type Slot = 'a' | 'b';

/** `best` where this epoch is the best so far; null leaves the earlier one. */
export async function saveCheckpoint(
  run: Run,
  checkpoint: Checkpoint,
  best: BestWeights | null,
): Promise<void> {
  const slot: Slot = (await latestSlot(run.id)) === 'a' ? 'b' : 'a';
  try {
    await transaction(
      ['checkpoints', 'runs'],
      (objectStore) => {
        const checkpoints = objectStore('checkpoints');
        checkpoints.put(checkpoint, [run.id, slot]);
        checkpoints.put(slot, [run.id, 'latest']);
        if (best) checkpoints.put(best, [run.id, 'best']);
        if (best?.backboneWeights) checkpoints.put(best.backboneWeights, [run.id, 'backbone']);
        objectStore('runs').put(run, run.id);
      },
      'strict',
    );
  } catch (error) {
    throw needing(bytesOf(checkpoint) + (best ? bytesOf(best) : 0), error);
  }
}

/** Null before the end of the first epoch. */
export async function loadCheckpoint(runId: string): Promise<Checkpoint | null> {
  const slot = await latestSlot(runId);
  if (!slot) return null;
  return (await get<Checkpoint>([runId, slot], store('checkpoints'))) ?? null;
}

export async function loadBest(runId: string): Promise<BestWeights | null> {
  return (await get<BestWeights>([runId, 'best'], store('checkpoints'))) ?? null;
}

/** A run that has ended needs its best weights only. */
export async function deleteSlots(runId: string): Promise<void> {
  await transaction(['checkpoints'], (objectStore) => {
    for (const key of ['a', 'b', 'latest']) objectStore('checkpoints').delete([runId, key]);
  });
}

/** The backbone weights that head-only runs stand on, see `storage/backbones.ts`. */
export async function backboneWeightsInUse(): Promise<Set<string>> {
  const all = await keys<[runId: string, what: string]>(store('checkpoints'));
  const named = all.filter(([, what]) => what === 'backbone');
  const ids = await getMany<string>(named, store('checkpoints'));
  return new Set(ids.filter((id) => id !== undefined));
}

/** All that is kept here of a run, for whoever deletes it. */
export function checkpointKeys(runId: string): IDBKeyRange {
  return keysOf(runId);
}

async function latestSlot(runId: string): Promise<Slot | null> {
  return (await get<Slot>([runId, 'latest'], store('checkpoints'))) ?? null;
}

function bytesOf(weights: Checkpoint | BestWeights): number {
  let bytes = 0;
  for (const { data } of weights.model.values()) bytes += data.byteLength;
  if ('optimizer' in weights) {
    for (const { m, v } of weights.optimizer.moments.values()) bytes += m.byteLength + v.byteLength;
  }
  return bytes;
}
