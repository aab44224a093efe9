/** For tests of the GPU's programs: the node process's device, and running on it. */
import * as tf from '@tensorflow/tfjs-core';
import { channelAffine, type Activation } from '../../src/ops/kernels.ts';
import type { Program } from '../../src/ops/gpu/program.ts';
import { plain, type Source } from '../../src/ops/gpu/source.ts';
import { pad } from './gpu-maps.ts';
import { openNodeGpu } from './node-gpu.ts';
import { runProgram } from './run-program.ts';
import { seeded } from './seeded.ts';

const device = await openNodeGpu();

/** For `describe.skipIf`. */
export const noGpu = device === null;

export type Buffers = Parameters<typeof runProgram>[2];

/** `step`: the batch, or all of the step's numbers. */
export async function run(
  program: Program,
  buffers: Buffers,
  step: number | Parameters<typeof runProgram>[3],
): Promise<(name: string) => Float32Array> {
  if (device === null) throw new Error('no device: the tests of GPU programs skip without one');
  const values = typeof step === 'number' ? { batch: step } : step;
  const found = await runProgram(device, program, buffers, values);
  return (name) => {
    const data = found[name];
    if (data === undefined) throw new Error(`${program.label} has no buffer ${name}`);
    return data;
  };
}

/** A map to read from, with what a kernel binds for it and what the portable ops see. */
export interface TestMap {
  readonly source: Source;
  readonly values: Float32Array; // unpadded, before batch norm and activation
  readonly buffers: Readonly<Record<string, Float32Array>>; // `<name>`, `<name>Coef`
  readonly read: () => tf.Tensor4D;
}

/** Seeded by `name`; `activation` undefined: as it is stored. */
export function seededMap(
  name: string,
  size: readonly [number, number, number, number],
  activation?: Activation,
  values = seeded(name, size, activation === 'relu6' ? 6 : 1),
): TestMap {
  const channels = size[3];
  const stored = () => tf.tensor4d(values, [...size]);
  const map = pad(values, channels);
  if (activation === undefined) {
    return { source: plain, values, buffers: { [name]: map }, read: stored };
  }
  const scale = seeded(`${name}-scale`, [channels], 1, 1);
  const shift = seeded(`${name}-shift`, [channels], 1, 0.5);
  const coef = new Float32Array([...pad(scale, channels), ...pad(shift, channels)]);
  return {
    source: { normalized: true, activation },
    values,
    buffers: { [name]: map, [`${name}Coef`]: coef },
    read: () =>
      tf.tidy(() => channelAffine(stored(), tf.tensor1d(scale), tf.tensor1d(shift), activation)),
  };
}
