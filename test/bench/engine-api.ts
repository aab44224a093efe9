/**
 * What the bench asks of an engine under measure, ours or stock, in a worker of the page or a
 * process of its own.
 */
import type { GpuWork } from '../../src/cli/bench-cases.ts';
import type { GpuFacts } from '../../src/cli/bench-report.ts';
import type { Profile } from '../../src/protocol/profile.ts';
import type { DeviceInfo, DevicePreference } from '../../src/protocol/device.ts';

export type EngineName = 'ours' | 'stock';

export interface EngineOptions {
  engine: EngineName;
  caseName: string;
  device: DevicePreference;
  dry: boolean;
  tune: boolean;
}

/** Of one step, on average. */
export interface Timed {
  ms: number; // until the last result is there
  hostMs: number; // until the last command is given
  gpu: GpuWork | null; // null on WASM
}

export interface Opened {
  device: DeviceInfo;
  gpu: GpuFacts | null;
  unable: string | null; // why this engine cannot run the case
  note: string | null; // where it runs, if not on the device asked for
}

export interface EngineApi {
  /** Readies device, weights and batch. */
  open: { params: EngineOptions; result: Opened; event: never };
  /** Instead of the others: where the time of our step goes. */
  profile: { params: { caseName: string }; result: Profile; event: never };
  run: { params: { steps: number }; result: Timed; event: never };
}
