/** What goes in, as the GPU keeps it: channels in whole vec4s like all maps, f32 or halves. */
import type { Storage } from '../../ops/gpu/map.ts';
import { padded } from '../../ops/gpu/program.ts';

/** [rows, C] → [rows, padded C], zeros behind */
export function imageData(
  values: Float32Array,
  channels: number,
  storage: Storage,
): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const image = withPaddedChannels(values, channels);
  return storage === 'f16' ? toHalves(image) : image;
}

function withPaddedChannels(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const stride = padded(channels);
  if (stride === channels) return values as Float32Array<ArrayBuffer>;
  const rows = values.length / channels;
  const out = new Float32Array(rows * stride);
  for (let row = 0, from = 0; row < rows; row++) {
    for (let c = 0; c < channels; c++) out[row * stride + c] = values[from++] ?? 0;
  }
  return out;
}

/** IEEE 754 binary16, to the nearest, of two the even one; beyond the range: infinity. */
export function toHalves(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) {
    const all = bits[i] ?? 0;
    const sign = (all >>> 16) & 0x8000;
    const magnitude = all & 0x7fffffff;
    halves[i] = sign | halfMagnitude(magnitude, values[i] ?? 0);
  }
  return halves;
}

const smallestNormal = 0x38800000; // bits of 2^-14
const beyond = 0x477ff000; // of 65520: from here on infinity is nearer
const infinity = 0x7f800000;

function halfMagnitude(bits: number, value: number): number {
  if (bits > infinity) return 0x7e00; // NaN
  if (bits >= beyond) return 0x7c00;
  // The exponent's bias falls by 112; the 13 bits that go decide the rounding.
  if (bits >= smallestNormal) return (bits - (112 << 23) + 0xfff + ((bits >> 13) & 1)) >> 13;
  return roundHalfEven(Math.abs(value) * 2 ** 24); // subnormal, or the smallest normal
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
