/** What the best epoch of a run said about the validation photos, by path. */
import { evaluate } from '../evaluate/evaluation.ts';
import type { Evaluation, Run } from '../protocol/run.ts';
import { getSamples } from '../storage/datasets.ts';
import type { BestWeights } from '../train/checkpoint.ts';

export async function evaluateBest(run: Run, best: BestWeights): Promise<Evaluation> {
  const samples = await getSamples(run.datasetId);
  const paths = new Map(samples.map(({ id, path }) => [id, path]));
  return evaluate(run.id, best.outputs, (id) => paths.get(id) ?? '');
}
