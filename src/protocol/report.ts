/** `report.json`, the contract with people who script (README, "Command line"). */
import type { Skipped, Split } from './dataset.ts';
import type { BackendName, GpuCounts } from './device.ts';
import type { RunConfig } from './run.ts';

export interface Report {
  config: RunConfig;
  device: { backend: BackendName; adapter: string };
  dataset: { classes: string[]; counts: Record<Split, number>; skipped: Skipped[] };
  epochs: {
    epoch: number;
    trainLoss: number;
    trainTop1: number;
    valLoss: number;
    valTop1: number;
    seconds: number;
  }[];
  best: { epoch: number; valTop1: number; valTop5: number; interval: [number, number] };
  confusion: number[][];
  predictions: { path: string; label: number; predicted: number; probabilities: number[] }[];
  timings: {
    importMs: number;
    prepareMs: number;
    trainMs: number;
    evaluateMs: number;
    exportMs: number;
    totalMs: number;
  };
  gpu: GpuCounts | null;
  files: string[];
}
