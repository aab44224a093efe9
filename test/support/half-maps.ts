/** Maps as the GPU keeps them in half precision, and numbers as half precision leaves them. */
import { toHalves } from '../../src/model/gpu/image-data.ts';
import { numberFormats } from '../../src/model/weights/number-formats.ts';
import type { Storage } from '../../src/ops/gpu/map.ts';
import type { Activation } from '../../src/ops/kernels.ts';
import { pad, unpad } from './gpu-maps.ts';
import { seededMap, type TestMap } from './on-gpu.ts';
import { seeded } from './seeded.ts';

type Values = Float32Array<ArrayBuffer>;

export function roundedToHalf(values: Float32Array): Float32Array {
  return decode(toHalves(values as Values));
}

/** [..., C] → [..., padded C], two to a u32. */
export function halfMap(values: Float32Array, channels: number): Uint32Array {
  return new Uint32Array(toHalves(pad(values, channels) as Values).buffer);
}

/** A half map that a kernel wrote → [..., C]. */
export function fromHalfMap(found: Float32Array, channels: number): Float32Array {
  return unpad(decode(found), channels);
}

function decode({ buffer, byteOffset, byteLength }: ArrayBufferView): Float32Array {
  return numberFormats.F16.decode(new Uint8Array(buffer, byteOffset, byteLength));
}

/** How a test writes and reads the maps of a kernel. */
export const mapsIn: Record<
  Storage,
  {
    encode: (values: Float32Array, channels: number) => Float32Array | Uint32Array;
    decode: (found: Float32Array, channels: number) => Float32Array;
  }
> = {
  f32: { encode: pad, decode: unpad },
  f16: { encode: halfMap, decode: fromHalfMap },
};

/** As `seededMap`, of numbers that half precision holds. */
export function seededHalfMap(
  name: string,
  size: readonly [number, number, number, number],
  activation?: Activation,
): Omit<TestMap, 'buffers'> & { buffers: Record<string, Float32Array | Uint32Array> } {
  const values = roundedToHalf(seeded(name, size, activation === 'relu6' ? 6 : 1));
  const map = seededMap(name, size, activation, values);
  return {
    ...map,
    source: { ...map.source, storage: 'f16' },
    buffers: { ...map.buffers, [name]: halfMap(values, size[3]) },
  };
}
