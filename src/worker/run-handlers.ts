/** runs.*: the stored runs, told as they are: one whose tab died is interrupted, not running. */
import { AppError } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { Evaluation } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { pruneWeights } from '../storage/backbones.ts';
import { backboneWeightsInUse, loadBest } from '../storage/checkpoints.ts';
import { deleteRun, getEvaluation, getRun, listRuns } from '../storage/runs.ts';
import { evaluateBest } from './evaluate-best.ts';
import { withLiveStatus } from './run-locks.ts';
import type { TrainerState } from './trainer-state.ts';

type RunHandlers = Pick<Handlers<TrainerApi>, 'runs.list' | 'runs.evaluation' | 'runs.delete'>;

export function runHandlers(state: TrainerState): RunHandlers {
  return {
    'runs.list': async () => withLiveStatus(await listRuns()),

    'runs.evaluation': async ({ id }) =>
      (await getEvaluation(id)) ?? (await evaluateInterrupted(id)),

    async 'runs.delete'({ id }) {
      const [run] = await withLiveStatus([await getRun(id)]);
      if (run?.status === 'running') throw new AppError('busy', { runId: id });
      state.predictor.close();
      await deleteRun(id);
      await pruneWeights(await backboneWeightsInUse());
      return null;
    },
  };
}

/** An interrupted run was not evaluated at its end; what its best epoch said is there all the same. */
async function evaluateInterrupted(runId: string): Promise<Evaluation | null> {
  const best = await loadBest(runId);
  return best && evaluateBest(await getRun(runId), best);
}
