/** The trainer worker as the page uses it, and a dataset small enough to train on in a test. */
import { expect } from 'vitest';
import type { Dataset, Sample, Split } from '../../src/protocol/dataset.ts';
import { AppError, type ErrorCode } from '../../src/protocol/errors.ts';
import { createCaller, type Api, type Caller } from '../../src/protocol/rpc.ts';
import { defaultRunConfig } from '../../src/protocol/run-defaults.ts';
import type { Run, RunConfig, TrainEvent } from '../../src/protocol/run.ts';
import type { TrainerApi } from '../../src/protocol/trainer-api.ts';
import { saveDataset } from '../../src/storage/datasets.ts';
import { createPackWriter } from '../../src/storage/packs.ts';
import { png, undecodablePng } from '../support/pictures.ts';

const classes = ['红', '绿', '蓝'];
const hues = [
  [200, 40, 40],
  [40, 200, 40],
  [40, 40, 200],
];

export interface TrainerHandle {
  worker: Worker;
  api: Caller<TrainerApi>;
}

export function startTrainer(): TrainerHandle {
  const worker = new Worker(new URL('../../src/worker/trainer.worker.ts', import.meta.url), {
    type: 'module',
  });
  return { worker, api: callerOf<TrainerApi>(worker) };
}

/** A worker that fails to load or throws outside of a call fails the test instead of its clock. */
function callerOf<A extends Api<A>>(worker: Worker): Caller<A> {
  const caller = createCaller<A>(worker);
  worker.addEventListener('error', ({ message, filename, lineno }) => {
    const detail = `${message} (${filename}:${lineno})`;
    caller.fail(new AppError('worker-died', { worker: 'under test', detail }));
  });
  return caller;
}

/** Three colours, `train` and `val` photos of each, 44 x 40 px, and `broken` that no one can read. */
export async function storeColours(train = 8, val = 4, broken = 0): Promise<Dataset> {
  const id = crypto.randomUUID();
  const samples: Sample[] = [];
  const photos: Uint8Array<ArrayBuffer>[] = [];
  const add = (split: Split, label: number, file: string, bytes: Uint8Array<ArrayBuffer>): void => {
    const path = `${split}/${classes[label]}/${file}.png`;
    samples.push({ id: photos.length, path, label, split, width: 44, height: 40 });
    photos.push(bytes);
  };
  for (const [label, hue] of hues.entries()) {
    for (let n = 0; n < train + val; n++) {
      const rgb = hue.map((value, c) => value + ((n * 13 + c * 7) % 40) - 20);
      add(n < train ? 'train' : 'val', label, String(n), png(44, 40, rgb));
    }
  }
  for (let n = 0; n < broken; n++) add('train', 0, `broken${n}`, undecodablePng(44, 40));

  const writer = createPackWriter(id, photos.length);
  for (const [photo, bytes] of photos.entries()) {
    await writer.add(photo, new Blob([bytes], { type: 'image/png' }));
  }
  const dataset: Dataset = {
    version: 1,
    id,
    name: 'colours',
    createdAt: 1,
    source: { kind: 'zip', name: 'colours.zip', bytes: 1 },
    classes,
    counts: { train: train * 3 + broken, val: val * 3, test: 0 },
    classCounts: { train: [train + broken, train, train], val: [val, val, val], test: [0, 0, 0] },
    splitOrigin: 'folders',
    splitSeed: 0,
    encoding: { used: 'utf-8', guessed: 'utf-8', matters: true },
    skipped: [],
    bytes: 1,
    importMs: 1,
  };
  await saveDataset(dataset, samples, { version: 1, entries: [] }, await writer.finish());
  return dataset;
}

/** 32 px, no augmentation, one decode worker. */
export function smallConfig(dataset: Dataset, change: Partial<RunConfig> = {}): RunConfig {
  return {
    ...defaultRunConfig(dataset.id, change.strategy),
    imageSize: 32,
    batchSize: 8,
    epochs: 2,
    augment: 'none',
    numWorkers: 1,
    ...change,
  };
}

export async function train(
  api: Caller<TrainerApi>,
  config: RunConfig,
  onEvent: (event: TrainEvent) => void = () => undefined,
): Promise<{ run: Run; events: TrainEvent[] }> {
  const events: TrainEvent[] = [];
  const run = await api.call(
    'train.start',
    { config },
    {
      onEvent(event) {
        events.push(event);
        onEvent(event);
      },
    },
  );
  return { run, events };
}

export async function codeOf(work: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await work.then(
    () => expect.fail('was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error.code;
}
