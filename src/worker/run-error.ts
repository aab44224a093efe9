/** What a failed computation means, in the words of the protocol. */
import { isOutOfMemory } from '../ops/allocation.ts';
import { AppError, fromErrorData, toErrorData } from '../protocol/errors.ts';
import type { RunConfig } from '../protocol/run.ts';

export function asRunError(error: unknown, { batchSize, imageSize }: RunConfig): AppError {
  if (error instanceof AppError) return error;
  if (isOutOfMemory(error)) {
    return new AppError('out-of-memory', { batchSize, imageSize }, { cause: error });
  }
  return fromErrorData(toErrorData(error));
}
