/** Training runs on the disk; what they evaluated to stands apart, as it may be large. */
import { get, set, values } from 'idb-keyval';
import { AppError } from '../protocol/errors.ts';
import type { Evaluation, Run } from '../protocol/run.ts';
import { checkpointKeys } from './checkpoints.ts';
import { store, transaction } from './database.ts';

/** Newest first. */
export async function listRuns(): Promise<Run[]> {
  const runs = await values<Run>(store('runs'));
  return runs.sort((a, b) => b.createdAt - a.createdAt);
}

export async function getRun(id: string): Promise<Run> {
  const run = await get<Run>(id, store('runs'));
  if (!run) throw new AppError('run-not-found', { id });
  return run;
}

export async function putRun(run: Run): Promise<void> {
  await set(run.id, run, store('runs'));
}

export async function getEvaluation(runId: string): Promise<Evaluation | null> {
  return (await get<Evaluation>(runId, store('evaluations'))) ?? null;
}

/** The end of a run: its record and its evaluation, both or neither. */
export async function putResult(run: Run, evaluation: Evaluation): Promise<void> {
  await transaction(['runs', 'evaluations'], (objectStore) => {
    objectStore('runs').put(run, run.id);
    objectStore('evaluations').put(evaluation, run.id);
  });
}

export async function deleteRun(id: string): Promise<void> {
  await transaction(['runs', 'evaluations', 'checkpoints'], (objectStore) => {
    objectStore('runs').delete(id);
    objectStore('evaluations').delete(id);
    objectStore('checkpoints').delete(checkpointKeys(id));
  });
}
