/** CRC-32 as in zip (ISO 3309, polynomial 0xEDB88320 reflected), four bytes a step. */
const tables = makeTables();

/** `crc` is what the earlier chunks gave, 0 before the first. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3] = tables;
  const end = bytes.length;
  const wide = end - (end % 4);
  let c = ~crc;
  let i = 0;
  for (; i < wide; i += 4) {
    c ^=
      at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24);
    c = at(t3, c & 255) ^ at(t2, (c >>> 8) & 255) ^ at(t1, (c >>> 16) & 255) ^ at(t0, c >>> 24);
  }
  for (; i < end; i++) c = at(t0, (c ^ at(bytes, i)) & 255) ^ (c >>> 8);
  return ~c >>> 0;
}

/** Every index here is in range; the cast costs nothing at run time, a default would. */
function at(array: Uint8Array | Int32Array, index: number): number {
  return array[index] as number;
}

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array];

function makeTables(): Tables {
  const all: Tables = [0, 1, 2, 3].map(() => new Int32Array(256)) as Tables;
  const [first] = all;
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    first[n] = c;
  }
  for (let k = 1; k < 4; k++) {
    const previous = all[k - 1] as Int32Array;
    const table = all[k] as Int32Array;
    for (let n = 0; n < 256; n++) {
      const c = at(previous, n);
      table[n] = at(first, c & 255) ^ (c >>> 8);
    }
  }
  return all;
}
