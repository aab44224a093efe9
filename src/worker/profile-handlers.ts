/** train.profile: where the time of a training step goes, while no run is going. */
import { onDeviceLost, onGpuError } from '../device/lost.ts';
import { AppError } from '../protocol/errors.ts';
import type { ProfileTask } from '../protocol/profile.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { validateTask } from '../train/config.ts';
import { profileTraining } from '../train/profile.ts';
import { asRunError } from './run-error.ts';
import type { TrainerState } from './trainer-state.ts';

export function profileHandlers(state: TrainerState): Pick<Handlers<TrainerApi>, 'train.profile'> {
  return {
    'train.profile'(task, { signal }) {
      validateTask(task);
      return state.exclusively('profile', async (stop) => {
        const info = await state.device();
        const release = stopWith(stop, task, signal);
        try {
          const profile = await profileTraining(task, info, stop.signal);
          stop.signal.throwIfAborted(); // a GPU that failed must not look fast
          return profile;
        } catch (error) {
          throw asRunError(stop.signal.aborted ? stop.signal.reason : error, task);
        } finally {
          release();
        }
      });
    },
  };
}

/** As a run's: cancelled, or its GPU lost or computing nonsense. */
function stopWith(stop: AbortController, task: ProfileTask, cancelled: AbortSignal): () => void {
  const cancel = (): void => stop.abort(new AppError('cancelled', {}));
  cancelled.addEventListener('abort', cancel);
  if (cancelled.aborted) cancel();
  const releases = [
    () => cancelled.removeEventListener('abort', cancel),
    onDeviceLost((detail) => stop.abort(new AppError('device-lost', { detail }))),
    onGpuError((detail) => stop.abort(asRunError(new Error(detail), task))),
  ];
  return () => {
    for (const release of releases) release();
  };
}
