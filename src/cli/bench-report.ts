/** What a runtime of the bench gives, and the file of `npm run bench -- --json FILE`. */
import type { Profile } from '../protocol/profile.ts';
import type { BenchCase, CaseResult } from './bench-cases.ts';
import type { BenchOptions } from './bench-options.ts';
import type { TorchReport } from './bench-torch.ts';

/** Where the engines run: in a page of Chromium's, or in node over Dawn. */
export type BenchRuntime = 'page' | 'node';

/** `GPUAdapterInfo`; Chromium leaves `device` and `description` empty. */
export interface GpuFacts {
  vendor: string;
  architecture: string;
  device: string;
  description: string; // of the driver, with its version
}

/** One case, and what it ran on. */
export interface Measured {
  adapter: string;
  gpu: GpuFacts | null;
  result: CaseResult;
}

export interface BenchRunner {
  /** 'Chromium 142.0.7444.59', 'node v20.20.2, webgpu 0.6.2'. */
  readonly version: string;
  /** Nothing of the last case is left on the device. */
  measure(bench: BenchCase, options: BenchOptions): Promise<Measured>;
  profile(bench: BenchCase): Promise<Profile>;
  close(): Promise<void>;
}

export interface BenchReport {
  date: string; // ISO 8601
  runtime: BenchRuntime;
  version: string; // the runtime's
  adapter: string;
  driver: string | null; // null where the runtime does not tell
  gpu: GpuFacts | null;
  dry: boolean; // counted, nothing computed
  cases: CaseResult[];
  profiles: Profile[];
  torch: TorchReport | null;
}
