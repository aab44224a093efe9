/** What tensors and GPU buffers hold now: what a leak would show in. */
import * as tf from '@tensorflow/tfjs-core';
import type { MemoryInfo } from '../protocol/device.ts';
import { gpuBytes } from './counters.ts';

export function memoryInfo(): MemoryInfo {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes, gpuBytes: gpuBytes() };
}
