/** predict.*: tries a run on photos that it has never seen. */
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { getRun } from '../storage/runs.ts';
import type { TrainerState } from './trainer-state.ts';

export function predictHandlers(state: TrainerState): Pick<Handlers<TrainerApi>, 'predict.photo'> {
  return {
    async 'predict.photo'({ runId, photo }) {
      await state.device();
      return state.predictor.predict(await getRun(runId), photo, state.pool());
    },
  };
}
