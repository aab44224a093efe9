/** The two workers of the page. Vite turns these URLs into bundles of their own. */
import type { ImportApi } from '../protocol/import-api.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { createWorkerClient, type WorkerClient } from './worker-client.ts';

export type ImportClient = WorkerClient<ImportApi>;
export type TrainerClient = WorkerClient<TrainerApi>;

/** Reads zips and folders and keeps the datasets; training does not wait for it. */
export const createImportClient = (): ImportClient =>
  createWorkerClient(
    'import',
    () =>
      new Worker(new URL('../worker/import.worker.ts', import.meta.url), {
        type: 'module',
        name: 'graft-import',
      }),
  );

/** Owns the device, the model and the run. */
export const createTrainerClient = (): TrainerClient =>
  createWorkerClient(
    'trainer',
    () =>
      new Worker(new URL('../worker/trainer.worker.ts', import.meta.url), {
        type: 'module',
        name: 'graft-trainer',
      }),
  );
