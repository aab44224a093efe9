/** What the trainer worker keeps between calls. Each handler module takes what it needs of it. */
import { createDecodePool, type DecodePool } from '../data/decode-pool.ts';
import { chooseDevice } from '../device/choose.ts';
import { computeWorkers, thisCpu } from '../device/cpu.ts';
import type { DeviceInfo, DevicePreference } from '../protocol/device.ts';
import { AppError } from '../protocol/errors.ts';
import type { Features } from '../train/feature-cache.ts';
import type { FeatureWorkers } from '../train/feature-extractor.ts';
import type { FeatureStore } from '../train/head-trainer.ts';
import { createPredictor, type Predictor } from './predictor.ts';

export interface TrainerState {
  /** The device that was chosen, or the best one if nobody chose. */
  device(): Promise<DeviceInfo>;
  chooseDevice(preference: DevicePreference): Promise<DeviceInfo>;
  /** The decode workers; `size` only where it matters. */
  pool(size?: number): DecodePool;
  /** A worker a core to run a frozen backbone on, where the CPU is what computes. */
  featureWorkers(device: DeviceInfo): FeatureWorkers | null;
  /** The last features that were computed: the next run with the same key starts at once. */
  features(key: string): FeatureStore;
  readonly predictor: Predictor;
  /** Runs `work` as the one run of this worker; `stop` ends it. */
  exclusively<T>(runId: string, work: (stop: AbortController) => Promise<T>): Promise<T>;
  stop(): void;
}

/** The workers that the trainer worker starts. */
interface Spawn {
  decode: () => Worker;
  features: () => Worker;
}

export function createTrainerState(spawn: Spawn): TrainerState {
  const predictor = createPredictor();
  let preference: DevicePreference = 'auto';
  let inUse: DeviceInfo | null = null;
  let pool: { size: number; pool: DecodePool } | null = null;
  let cached: { key: string; features: Features } | null = null;
  let current: { runId: string; stop: AbortController } | null = null;

  /** Free while the device is there; one that was lost is opened anew. */
  const open = async (): Promise<DeviceInfo> => {
    const info = await chooseDevice(preference);
    if (info !== inUse) predictor.close(); // its tensors went with their device
    inUse = info;
    return info;
  };

  return {
    predictor,
    device: open,
    async chooseDevice(wanted) {
      if (current) throw new AppError('busy', { runId: current.runId });
      preference = wanted;
      return open();
    },
    pool(size) {
      if (pool && size !== undefined && pool.size !== size) {
        pool.pool.close();
        pool = null;
      }
      pool ??= { size: size ?? 1, pool: createDecodePool(spawn.decode, size ?? 1) };
      return pool.pool;
    },
    featureWorkers({ backend }) {
      const count = computeWorkers(thisCpu());
      // one worker would do nothing that this thread cannot do by itself
      return backend === 'wasm' && count > 1 ? { spawn: spawn.features, count } : null;
    },
    features: (key) => ({
      get: () => (cached?.key === key ? cached.features : null),
      set: (features) => (cached = { key, features }),
    }),
    async exclusively(runId, work) {
      if (current) throw new AppError('busy', { runId: current.runId });
      const stop = new AbortController();
      current = { runId, stop };
      try {
        return await work(stop);
      } finally {
        current = null;
      }
    },
    stop: () => current?.stop.abort(new AppError('cancelled', {})),
  };
}
