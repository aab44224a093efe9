/** What a failed computation means, in the words of the protocol. */
import { isOutOfMemory } from '../ops/allocation.ts';
import { AppError, fromErrorData, toErrorData } from '../protocol/errors.ts';
import type { RunConfig } from '../protocol/run.ts';

/**
 * A trap of the WASM module counts as memory that has run out: its kernels don't look whether they
 * got the memory they asked for.
 */
export function asRunError(
  error: unknown,
  { batchSize, imageSize }: Pick<RunConfig, 'batchSize' | 'imageSize'>,
): AppError {
  if (error instanceof AppError) return error;
  if (isOutOfMemory(error) || error instanceof WebAssembly.RuntimeError) {
    return new AppError('out-of-memory', { batchSize, imageSize }, { cause: error });
  }
  return fromErrorData(toErrorData(error));
}
