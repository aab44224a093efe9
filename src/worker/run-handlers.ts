/** runs.*: the stored runs, told as they are: one whose tab died is interrupted, not running. */
import { AppError } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { pruneWeights } from '../storage/backbones.ts';
import { backboneWeightsInUse } from '../storage/checkpoints.ts';
import { deleteRun, getRun, listRuns } from '../storage/runs.ts';
import { evaluationOf } from './evaluate-best.ts';
import { withLiveStatus } from './run-locks.ts';
import type { TrainerState } from './trainer-state.ts';

type RunHandlers = Pick<Handlers<TrainerApi>, 'runs.list' | 'runs.evaluation' | 'runs.delete'>;

export function runHandlers(state: TrainerState): RunHandlers {
  return {
    'runs.list': async () => withLiveStatus(await listRuns()),

    'runs.evaluation': async ({ id }) => evaluationOf(await getRun(id)),

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
