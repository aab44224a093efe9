/**
 * Comparing tensors with golden ones: max|difference| / max|reference| under a stated tolerance.
 * A golden record (test/golden/seeded.py) holds 64 values, the norm and the largest magnitude.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export interface GoldenRecord {
  shape: number[];
  norm: number;
  max: number;
  samples: number[];
}

interface TensorMatchers<R> {
  /** A golden record, or the plain values. */
  toMatchGolden(golden: GoldenRecord | readonly number[], tolerance: number): R;
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- vitest's own parameter
  interface Matchers<T> extends TensorMatchers<void> {}
}

expect.extend({
  toMatchGolden(
    received: ArrayLike<number>,
    golden: GoldenRecord | readonly number[],
    tolerance: number,
  ) {
    const error =
      'samples' in golden ? recordError(received, golden) : arrayError(received, golden);
    return {
      pass: error <= tolerance, // NaN fails
      message: () => `relative error ${error.toExponential(2)}, tolerance ${tolerance}`,
    };
  },
});

function arrayError(values: ArrayLike<number>, reference: readonly number[]): number {
  if (values.length !== reference.length) return Infinity;
  const largest = Math.max(...reference.map(Math.abs));
  return Math.max(...reference.map((value, i) => Math.abs(value - at(values, i)))) / largest;
}

function recordError(values: ArrayLike<number>, golden: GoldenRecord): number {
  const size = values.length;
  if (size !== golden.shape.reduce((a, b) => a * b, 1)) return Infinity;
  const worst = golden.samples.reduce((error, value, k) => {
    const index = size <= golden.samples.length ? k : (Math.imul(k, 2654435761) >>> 0) % size;
    return Math.max(error, Math.abs(value - at(values, index)));
  }, 0);
  let squares = 0;
  for (let i = 0; i < size; i++) squares += at(values, i) ** 2;
  const norm = Math.abs(Math.sqrt(squares) - golden.norm);
  // Zero by mathematics (a bias that the next batch norm takes out again): no scale of its own, so
  // rounding is measured against a small one.
  if (golden.max < 1e-9) return worst / zeroScale;
  return Math.max(worst / golden.max, norm / golden.norm);
}

/** With the usual tolerance of 1e-3: what should be 0 is below 1e-4. */
const zeroScale = 0.1;

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? NaN;
}

/** Fails when `work` leaves more tensors, or more bytes in them, than there were. */
export async function expectNoLeak(work: () => Promise<void>): Promise<void> {
  const before = tf.memory();
  await work();
  const after = tf.memory();
  expect(after.numTensors - before.numTensors, 'tensors left').toBe(0);
  expect(after.numBytes - before.numBytes, 'bytes left').toBe(0);
}
