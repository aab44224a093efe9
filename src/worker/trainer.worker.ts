/** The trainer worker: owns the device, the model and the run. One run at a time. */
import { serve } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { backboneHandlers } from './backbone-handlers.ts';
import { deviceHandlers } from './device-handlers.ts';
import { exportHandlers } from './export-handlers.ts';
import { predictHandlers } from './predict-handlers.ts';
import { profileHandlers } from './profile-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { trainHandlers } from './train-handlers.ts';
import { createTrainerState } from './trainer-state.ts';

declare const self: DedicatedWorkerGlobalScope;

const state = createTrainerState({
  decode: () => new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' }),
  features: () => new Worker(new URL('./feature.worker.ts', import.meta.url), { type: 'module' }),
});

serve<TrainerApi>(self, {
  ...deviceHandlers(state),
  ...backboneHandlers(),
  ...runHandlers(state),
  ...trainHandlers(state),
  ...profileHandlers(state),
  ...predictHandlers(state),
  ...exportHandlers(),
});
