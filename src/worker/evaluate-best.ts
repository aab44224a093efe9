/** What the best epoch of a run said about the validation photos, by path. */
import { evaluate } from '../evaluate/evaluation.ts';
import type { Sample } from '../protocol/dataset.ts';
import { AppError } from '../protocol/errors.ts';
import type { Evaluation, Run } from '../protocol/run.ts';
import { loadBest } from '../storage/checkpoints.ts';
import { getSamples } from '../storage/datasets.ts';
import { getEvaluation } from '../storage/runs.ts';
import type { BestWeights } from '../train/checkpoint.ts';

export async function evaluateBest(run: Run, best: BestWeights): Promise<Evaluation> {
  const samples = await getSamples(run.datasetId).catch(noneIfDeleted);
  const paths = new Map(samples.map(({ id, path }) => [id, path]));
  return evaluate(run.id, best.outputs, (id) => paths.get(id) ?? `#${id}`);
}

/** The figures of a run stay true when its photos were deleted. */
function noneIfDeleted(error: unknown): Sample[] {
  if (error instanceof AppError && error.code === 'dataset-not-found') return [];
  throw error;
}

/**
 * The stored evaluation. A run that lost its tab was not evaluated at its end, but what its best
 * epoch said is there all the same. Null before the first epoch.
 */
export async function evaluationOf(run: Run): Promise<Evaluation | null> {
  const stored = await getEvaluation(run.id);
  if (stored) return stored;
  const best = await loadBest(run.id);
  return best && evaluateBest(run, best);
}
