/**
 * How much room there is. `estimate()` is told to people and decides nothing: Chrome answers the
 * same quota for a full disk and an empty one, so only a write that fails tells the truth.
 * Persistence is asked for on the page (`navigator.storage.persist` does not exist in workers).
 */
import { AppError } from '../protocol/errors.ts';

export interface StorageEstimateResult {
  usageBytes: number;
  quotaBytes: number;
  persisted: boolean;
}

export async function storageEstimate(): Promise<StorageEstimateResult> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return {
    usageBytes: usage,
    quotaBytes: quota,
    persisted: await navigator.storage.persisted(),
  };
}

/** Says in a quota error how many bytes were wanted. */
export function needing(bytes: number, error: unknown): unknown {
  const full = error instanceof AppError && error.code === 'quota-exceeded';
  return full ? new AppError('quota-exceeded', { neededBytes: bytes }, { cause: error }) : error;
}
