/** PyTorch's figures of the same steps, from a file of `test/bench/torch_step.py`. */
import { readFileSync } from 'node:fs';
import { CliError } from './errors.ts';

/** Milliseconds with float32 as it is, and with TF32 products; null where the device has none. */
export interface TorchTimes {
  ms: number;
  tf32Ms: number | null;
}

export interface TorchReport {
  torch: string; // its version
  device: string; // 'NVIDIA H100 80GB HBM3'
  date: string; // ISO 8601
  /** A float32 product of two 4096² matrices. */
  matmul: { size: number; tflops: number; tf32Tflops: number | null };
  cases: Record<string, TorchTimes>; // by the bench's names
}

export function readTorch(file: string): TorchReport {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CliError(`--torch ${file}: ${error instanceof Error ? error.message : error}`);
  }
  if (isReport(found)) return found;
  throw new CliError(`--torch ${file} is not a file of test/bench/torch_step.py: make it anew.`);
}

function isReport(found: unknown): found is TorchReport {
  if (!isRecord(found) || !isRecord(found.matmul) || !isRecord(found.cases)) return false;
  const names = [found.torch, found.device, found.date];
  const times = Object.values(found.cases);
  return (
    names.every((name) => typeof name === 'string') &&
    typeof found.matmul.tflops === 'number' &&
    times.every((time) => isRecord(time) && typeof time.ms === 'number')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
