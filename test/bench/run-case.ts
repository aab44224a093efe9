/** A case from beginning to end: both engines readied and counted, then timed in alternation. */
import type { BenchCase, CaseResult, GpuWork, Measures } from '../../src/cli/bench-cases.ts';
import type { GpuFacts, Measured } from '../../src/cli/bench-report.ts';
import type { DeviceInfo, DevicePreference } from '../../src/protocol/device.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { Profile } from '../../src/protocol/profile.ts';
import { createCaller, type Caller, type Endpoint } from '../../src/protocol/rpc.ts';
import type { EngineApi, EngineName, Opened, Timed } from './engine-api.ts';

/** Where an engine is served: a worker of the page's, a process of node's. */
export interface Host {
  endpoint: Endpoint;
  /** Calls back when the host dies of itself. */
  onDeath(listener: (detail: string) => void): void;
  close(): void;
}

const alternations = 3;
/** So that short steps are timed by the dozen, within limits. */
const turnMs = 300;
const mostSteps = 20;

interface Engine {
  name: EngineName;
  device: DeviceInfo;
  gpu: GpuFacts | null;
  api: Caller<EngineApi>;
  steady: Timed; // the second step: the first one compiles and makes what stays
  turns: Timed[];
  note: string | null;
  close(): void;
}

export interface Settings {
  device: DevicePreference;
  dry: boolean;
  ours: boolean; // stock is left out
  tune: boolean;
  startHost: () => Host;
}

export async function runCase(
  bench: BenchCase,
  settings: Settings,
  log: (line: string) => void,
): Promise<Measured> {
  const { dry } = settings;
  const notes: string[] = [];
  let ours: Engine;
  try {
    ours = await openEngine('ours', bench, settings);
  } catch (error) {
    if (error instanceof Unable) return unmeasured(bench, error);
    throw error;
  }
  // Dry, no time is taken: one engine's memory may go before the other's is needed.
  if (dry) ours.close();
  log(describe(ours));
  let stock: Engine | null = null;
  try {
    if (settings.ours) {
      notes.push('stock was left out (--ours)');
    } else {
      stock = await openEngine('stock', bench, settings);
      log(describe(stock));
      if (stock.note !== null) notes.push(stock.note);
    }
  } catch (error) {
    notes.push(messageOf(error));
    // a failed device may have taken all others with it
    if (!dry && !(error instanceof Unable)) {
      ours.close();
      ours = await openEngine('ours', bench, settings);
    }
  }
  if (!dry) {
    const engines = stock === null ? [ours] : [ours, stock];
    for (let round = 0; round < alternations; round++) {
      for (const engine of round % 2 === 0 ? engines : engines.toReversed()) {
        await takeTurn(engine);
        log(`${engine.name} ${engine.turns.at(-1)?.ms.toFixed(2)} ms`);
      }
    }
  }
  if (ours.device.backend === 'wasm') {
    notes.push('WASM is not a GPU: there is nothing to count, and all time is the host’s');
  }
  const result: CaseResult = {
    name: bench.name,
    ours: measuresOf(ours, dry),
    stock: stock === null ? null : measuresOf(stock, dry),
    ratio: null,
    notes,
  };
  if (result.ours.ms !== null && typeof result.stock?.ms === 'number') {
    result.ratio = result.stock.ms / result.ours.ms;
  }
  ours.close();
  stock?.close();
  return { adapter: ours.device.adapter, gpu: ours.gpu, result };
}

/** Where the time of our step goes, on a GPU. */
export async function profileCase({ name }: BenchCase, startHost: () => Host): Promise<Profile> {
  const { api, close } = callHost('ours', startHost);
  try {
    return await api.call('profile', { caseName: name });
  } catch (error) {
    throw new Error(messageOf(error), { cause: error });
  } finally {
    close();
  }
}

/** The engine cannot do this case at all. */
class Unable extends Error {
  readonly opened: Opened;
  constructor(reason: string, opened: Opened) {
    super(reason);
    this.opened = opened;
  }
}

/** Where we cannot do it either. */
function unmeasured({ name }: BenchCase, { message, opened }: Unable): Measured {
  const { device, gpu } = opened;
  const none = { ms: null, hostMs: null, ...noWork };
  const result = { name, ours: none, stock: null, ratio: null, notes: [message] };
  return { adapter: device.adapter, gpu, result };
}

async function openEngine(name: EngineName, bench: BenchCase, settings: Settings): Promise<Engine> {
  const { device: preference, dry, tune, startHost } = settings;
  const { api, close } = callHost(name, startHost);
  try {
    const options = { engine: name, caseName: bench.name, device: preference, dry, tune };
    const opened = await api.call('open', options);
    const { device, gpu, unable, note } = opened;
    if (unable !== null) throw new Unable(unable, opened);
    await api.call('run', { steps: 1 });
    const steady = await api.call('run', { steps: 1 });
    return { name, device, gpu, api, steady, turns: [], note, close };
  } catch (error) {
    close();
    if (error instanceof Unable) throw error;
    throw new Error(`${name} failed: ${messageOf(error)}`, { cause: error });
  }
}

function callHost(worker: EngineName, startHost: () => Host) {
  const host = startHost();
  const api = createCaller<EngineApi>(host.endpoint);
  host.onDeath((detail) => api.fail(new AppError('worker-died', { worker, detail })));
  return { api, close: () => host.close() };
}

async function takeTurn({ api, steady, turns }: Engine): Promise<void> {
  const steps = Math.min(mostSteps, Math.max(1, Math.ceil(turnMs / steady.ms)));
  turns.push(await api.call('run', { steps }));
}

const noWork: Record<keyof GpuWork, null> = {
  dispatches: null,
  submits: null,
  buffers: null,
  bindGroups: null,
  uploadBytes: null,
  peakBytes: null,
  boundBytes: null,
};

function measuresOf({ device, steady, turns }: Engine, dry: boolean): Measures {
  const timed = dry ? [steady] : turns;
  return {
    ms: dry ? null : median(turns.map(({ ms }) => ms)),
    hostMs: device.backend === 'wasm' ? null : median(timed.map(({ hostMs }) => hostMs)),
    ...(steady.gpu ?? noWork),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function describe({ name, device, steady }: Engine): string {
  const work = steady.gpu === null ? '' : `, ${steady.gpu.dispatches} dispatches a step`;
  return `${name}: ${device.backend}, ${device.adapter}${work}`;
}

function messageOf(error: unknown): string {
  if (error instanceof AppError && 'detail' in error.params) return error.params.detail;
  return error instanceof Error ? error.message : String(error);
}
