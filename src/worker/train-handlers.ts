/** train.*: one run at a time, under its lock, stopped by the person or by a device that is gone. */
import { onDeviceLost, onGpuError } from '../device/lost.ts';
import { restartWasm } from '../device/restart.ts';
import { AppError } from '../protocol/errors.ts';
import type { HandlerContext, Handlers } from '../protocol/rpc.ts';
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
    'train.start'({ config }, context) {
      validateConfig(config);
      const id = crypto.randomUUID();
      return runJob(state, id, context, async () => {
        const dataset = await getDataset(config.datasetId);
        return newRun(id, config, dataset, await state.device());
      });
    },

    'train.resume': ({ runId }, context) =>
      runJob(state, runId, context, async () => {
        const run = await interruptedRun(runId);
        return { ...run, device: await state.device(), status: 'running', error: null };
      }),

    'train.stop'() {
      state.stop();
      return null;
    },
  };
}

/** Takes the worker for the run before anything is awaited, so that a stop never comes too early. */
function runJob(
  state: TrainerState,
  runId: string,
  { emit, signal }: HandlerContext<TrainEvent>,
  begin: () => Promise<Run>,
): Promise<Run> {
  return state.exclusively(runId, async (stop) => {
    const run = await begin();
    return withRunLock(runId, async () => {
      const release = stopWith(stop, run, signal);
      try {
        await putRun(run);
        emit({ kind: 'started', run });
        state.predictor.close(); // leave its memory to the run
        return await fineTune(run, {
          pool: state.pool(run.config.numWorkers),
          features: (key) => state.features(key),
          featureWorkers: state.featureWorkers(run.device),
          events: createRunEvents(emit),
          signal: stop.signal,
        });
      } catch (error) {
        await recover(state, run, error);
        throw error;
      } finally {
        release();
      }
    });
  });
}

/** Memory that ran out leaves a heap that is full or broken; the next run gets a new one. */
async function recover({ predictor }: TrainerState, run: Run, error: unknown): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'out-of-memory') return;
  if (run.device.backend !== 'wasm') return;
  predictor.close();
  await restartWasm();
}

/** A run whose tab died, on the photos that it was begun with. */
async function interruptedRun(runId: string): Promise<Run> {
  const stored = await getRun(runId);
  const [run = stored] = await withLiveStatus([stored]);
  if (run.status === 'running') throw new AppError('busy', { runId });
  if (run.status !== 'interrupted') throw new AppError('checkpoint-not-found', { id: runId });
  const { classes } = await getDataset(run.datasetId);
  if (String(classes) !== String(run.classes)) {
    const [found, expected] = [classes.join(', '), run.classes.join(', ')];
    throw new AppError('invalid-config', { field: 'datasetId', found, expected });
  }
  return run;
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
