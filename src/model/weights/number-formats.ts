/**
 * The number formats that weights come in, each turned into fp32. Little-endian, as the files and
 * every machine that runs a browser are.
 */

/** 2-byte bits → value, IEEE 754 binary16. A table of 65,536 beats arithmetic on 4 million weights. */
let halfTable: Float32Array | null = null;

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24; // zero and subnormals
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function fromHalf(bytes: Uint8Array): Float32Array {
  const table = (halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => halfValue(bits)));
  const halves = aligned(bytes, Uint16Array);
  const values = new Float32Array(halves.length);
  // A plain loop: `Float32Array.from` with a function takes twenty times as long.
  for (let i = 0; i < values.length; i++) values[i] = table[halves[i] ?? 0] ?? NaN;
  return values;
}

/** bfloat16 is the upper half of an fp32. */
function fromBfloat16(bytes: Uint8Array): Float32Array {
  const upper = aligned(bytes, Uint16Array);
  const bits = new Uint32Array(upper.length);
  for (let i = 0; i < bits.length; i++) bits[i] = (upper[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

interface NumberFormat {
  readonly bytes: number; // a value
  decode(bytes: Uint8Array): Float32Array;
}

export const numberFormats = {
  F16: { bytes: 2, decode: fromHalf },
  BF16: { bytes: 2, decode: fromBfloat16 },
  F32: { bytes: 4, decode: (bytes) => aligned(bytes, Float32Array) },
  F64: { bytes: 8, decode: (bytes) => Float32Array.from(aligned(bytes, Float64Array)) },
  I64: { bytes: 8, decode: (bytes) => Float32Array.from(aligned(bytes, BigInt64Array), Number) },
} as const satisfies Record<string, NumberFormat>;

export type NumberFormatName = keyof typeof numberFormats;

export function isNumberFormat(name: string): name is NumberFormatName {
  return Object.hasOwn(numberFormats, name);
}

/** A copy, since a typed array must start at a multiple of its element and a file need not. */
function aligned<T>(bytes: Uint8Array, View: new (buffer: ArrayBuffer) => T): T {
  return new View(new Uint8Array(bytes).buffer);
}
