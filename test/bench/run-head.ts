/**
 * A head trained from photos to last epoch: ours in full; stock on its first photos, from which the
 * rest follows (a photo costs what the one before it cost), and on all epochs.
 */
import type { NetworkCase, CaseResult, Measures } from '../../src/cli/bench-cases.ts';
import type { Measured } from '../../src/cli/bench-report.ts';
import type { DevicePreference } from '../../src/protocol/device.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { createCaller } from '../../src/protocol/rpc.ts';
import type { EngineName } from './engine-api.ts';
import type { HeadApi, HeadTimes } from './head-api.ts';

const stockPhotos = 100;

const uncounted: Omit<Measures, 'ms'> = {
  hostMs: null,
  dispatches: null,
  submits: null,
  buffers: null,
  bindGroups: null,
  uploadBytes: null,
  peakBytes: null,
  boundBytes: null,
};

export async function runHead(
  bench: NetworkCase,
  device: DevicePreference,
  log: (line: string) => void,
): Promise<Measured> {
  const { job } = bench;
  if (!job) throw new Error(`${bench.name}: no head to train`);
  const train = async (engine: EngineName, photos: number): Promise<HeadTimes> => {
    const times = await inWorker(engine, { engine, caseName: bench.name, device, photos });
    log(`${engine}: ${JSON.stringify(times)}`);
    return times;
  };
  const before = await train('stock', stockPhotos);
  const ours = await train('ours', job.photos);
  const after = await train('stock', stockPhotos);
  const featuresMs = (before.featuresMs + after.featuresMs) / 2;
  const epochsMs = (before.epochsMs + after.epochsMs) / 2;
  const ourMs = ours.featuresMs + ours.epochsMs;
  const stockMs = (featuresMs * job.photos) / stockPhotos + epochsMs;
  const result: CaseResult = {
    name: bench.name,
    ours: { ms: ourMs, ...uncounted },
    stock: { ms: stockMs, ...uncounted },
    ratio: stockMs / ourMs,
    notes: [
      `ours, measured in full: features ${seconds(ours.featuresMs)} on ${ours.workers} workers + ` +
        `${job.epochs} epochs ${seconds(ours.epochsMs)} = ${minutes(ourMs)}`,
      `four augmented views a photo instead of one: about 4 x ${seconds(ours.featuresMs)} + ` +
        `${seconds(ours.epochsMs)} = ${minutes(4 * ours.featuresMs + ours.epochsMs)}`,
      `stock: features of ${stockPhotos} photos ${seconds(featuresMs)} x ${job.photos} / ` +
        `${stockPhotos} + ${job.epochs} epochs ${seconds(epochsMs)} = ${minutes(stockMs)} ` +
        '(mean of a run before ours and one after)',
    ],
  };
  return { adapter: ours.adapter, gpu: null, result };
}

async function inWorker(
  engine: EngineName,
  params: HeadApi['train']['params'],
): Promise<HeadTimes> {
  const worker = new Worker(new URL('./head.worker.ts', import.meta.url), { type: 'module' });
  const api = createCaller<HeadApi>(worker);
  worker.addEventListener('error', ({ message }) => {
    api.fail(new AppError('worker-died', { worker: engine, detail: message }));
  });
  try {
    return await api.call('train', params);
  } finally {
    worker.terminate();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(2)} min`;
}
