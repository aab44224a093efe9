/** What to try when memory has run out: settings that take clearly less; null where none is left. */
import { runRanges } from '../protocol/run-defaults.ts';

export function halfBatch(batchSize: number): number | null {
  const { min } = runRanges.batchSize;
  return batchSize > min ? Math.max(min, Math.floor(batchSize / 2)) : null;
}

/** 128–160 from above (a third to a half of what 224 takes), else about two thirds. */
export function smallerSizes(imageSize: number): string | null {
  const { min } = runRanges.imageSize;
  if (imageSize > 160) return '128–160';
  const twoThirds = Math.floor((imageSize * 2) / 3 / 8) * 8;
  return imageSize > min ? String(Math.max(min, twoThirds)) : null;
}
