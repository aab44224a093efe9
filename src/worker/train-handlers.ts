/** train.*: one run at a time, under its lock, stopped by the person or by a device that is gone. */
import { onDeviceLost, onGpuError } from '../device/lost.ts';
import { AppError } from '../protocol/errors.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { Run, TrainEvent } from '../protocol/run.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { getDataset } from '../storage/datasets.ts';
import { getRun, putRun } from '../storage/runs.ts';
import { validateConfig } from '../train/config.ts';
import { fineTune } from './fine-tune-job.ts';
import { createRunEvents } from './run-events.ts';
import { asRunError } from './run-error.ts';
import { withLiveStatus, withRunLock } from './run-locks.ts';
import { newRun } from './run-record.ts';
import type { TrainerState } from './trainer-state.ts';

type TrainHandlers = Pick<Handlers<TrainerApi>, 'train.start' | 'train.resume' | 'train.stop'>;

export function trainHandlers(state: TrainerState): TrainHandlers {
  return {
    async 'train.start'({ config }, { emit, signal }) {
      validateConfig(config);
      refuseWhileRunning(state);
      const [dataset, device] = await Promise.all([getDataset(config.datasetId), state.device()]);
      return runJob(state, newRun(config, dataset, device), emit, signal);
    },

    async 'train.resume'({ runId }, { emit, signal }) {
      refuseWhileRunning(state);
      const stored = await getRun(runId);
      const dataset = await getDataset(stored.datasetId);
      if (String(dataset.classes) !== String(stored.classes)) {
        const [found, expected] = [dataset.classes.join(', '), stored.classes.join(', ')];
        throw new AppError('invalid-config', { field: 'datasetId', found, expected });
      }
      const [live = stored] = await withLiveStatus([stored]);
      if (live.status === 'running') throw new AppError('busy', { runId });
      if (live.status !== 'interrupted') throw new AppError('checkpoint-not-found', { id: runId });
      const device = await state.device();
      return runJob(state, { ...live, device, status: 'running', error: null }, emit, signal);
    },

    'train.stop'() {
      state.stop();
      return null;
    },
  };
}

function refuseWhileRunning({ runningId }: TrainerState): void {
  if (runningId !== null) throw new AppError('busy', { runId: runningId });
}

function runJob(
  state: TrainerState,
  run: Run,
  emit: (event: TrainEvent) => void,
  cancelled: AbortSignal,
): Promise<Run> {
  return state.exclusively(run.id, (stop) =>
    withRunLock(run.id, async () => {
      const release = stopWith(stop, run, cancelled);
      try {
        await putRun(run);
        emit({ kind: 'started', run });
        state.predictor.close(); // leave its memory to the run
        return await fineTune(run, {
          pool: state.pool(run.config.numWorkers),
          features: (key) => state.features(key),
          events: createRunEvents(emit),
          signal: stop.signal,
        });
      } finally {
        release();
      }
    }),
  );
}

/** Ends the run when its call is cancelled, or its GPU is lost or computes nonsense. */
function stopWith(stop: AbortController, run: Run, cancelled: AbortSignal): () => void {
  const cancel = (): void => stop.abort(new AppError('cancelled', {}));
  cancelled.addEventListener('abort', cancel);
  if (cancelled.aborted) cancel();
  const releases = [
    () => cancelled.removeEventListener('abort', cancel),
    onDeviceLost((detail) => stop.abort(new AppError('device-lost', { detail }))),
    onGpuError((detail) => stop.abort(asRunError(new Error(detail), run.config))),
  ];
  return () => {
    for (const release of releases) release();
  };
}
