import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/protocol/errors.ts';
import {
  readSafetensors,
  writeSafetensors,
  type WritableTensor,
} from '../../../src/model/weights/safetensors.ts';

/** A file from a header text (or object) and its data. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const tensor = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

function detailOf(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes, 'weights.safetensors');
  } catch (error) {
    if (error instanceof AppError && error.code === 'weights-format') {
      return (error as AppError<'weights-format'>).params.detail;
    }
    throw error;
  }
  throw new Error('accepted');
}

describe('readSafetensors', () => {
  it('reads each number format as fp32', () => {
    const { tensors, metadata } = readSafetensors(
      file(
        {
          __metadata__: { format: 'pt', 课: '水果' },
          half: tensor('F16', [2, 2], 0, 8),
          brain: tensor('BF16', [1], 8, 10),
          odd: tensor('F32', [1], 10, 14), // not at a multiple of 4
          double: tensor('F64', [], 14, 22),
          long: tensor('I64', [1], 22, 30),
          'bn.num_batches_tracked': tensor('I64', [], 30, 38),
          empty: tensor('F32', [0, 3], 38, 38),
        },
        [
          ...[0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00], // 1, -2, 65504, 2^-24
          ...[0x80, 0x3f], // 1
          ...[0x00, 0x00, 0x40, 0xbf], // -0.75
          ...[0, 0, 0, 0, 0, 0, 0xe0, 0x3f], // 0.5
          ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // -2
          ...[9, 0, 0, 0, 0, 0, 0, 0],
        ],
      ),
      'x',
    );
    expect([...tensors].map(([name, { shape, data }]) => [name, shape, [...data]])).toEqual([
      ['half', [2, 2], [1, -2, 65504, 2 ** -24]],
      ['brain', [1], [1]],
      ['odd', [1], [-0.75]],
      ['double', [], [0.5]],
      ['long', [1], [-2]],
      ['empty', [0, 3], []],
    ]);
    expect(metadata).toEqual({ format: 'pt', 课: '水果' });
  });

  it('reads from the middle of a buffer', () => {
    const bytes = file({ a: tensor('F32', [1], 0, 4) }, [0, 0, 128, 63]);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3), 'x').tensors.get('a')?.data).toEqual(
      Float32Array.of(1),
    );
  });

  it.each([
    ['nothing', new Uint8Array(0), /too short/],
    ['a header beyond the file', file('{}').subarray(0, 9), /claims 2 bytes/],
    ['a header length that overflows', new Uint8Array(16).fill(0xff), /claims/],
    ['no JSON', file('{"a":'), /not JSON/],
    ['bytes that are not UTF-8', file('{}').fill(0xff, 8), /not JSON/],
    ['an array', file('[]'), /not an object/],
    ['an unknown format', file({ a: tensor('F8_E4M3', [1], 0, 1) }, [0]), /F8_E4M3/],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 0] } }), /shape/],
    ['a negative size', file({ a: tensor('F32', [-1], 0, 4) }), /shape/],
    ['a fraction', file({ a: tensor('F32', [0.5], 0, 2) }, [0, 0]), /shape/],
    ['one offset', file({ a: { dtype: 'F32', shape: [], data_offsets: [0] } }), /offsets/],
    ['reversed offsets', file({ a: tensor('F32', [1], 4, 0) }, [0, 0, 0, 0]), /needs 4 bytes/],
    ['a shape that overflows', file({ a: tensor('F32', [2 ** 40, 2 ** 40], 0, 0) }), /needs/],
    ['a cut file', file({ a: tensor('F32', [2], 0, 8) }, [0, 0, 0, 0]), /cut short/],
    ['a tail', file({ a: tensor('F16', [1], 0, 2) }, [0, 0, 0]), /1 bytes at the end/],
    [
      'a gap',
      file({ a: tensor('F16', [1], 0, 2), b: tensor('F16', [1], 4, 6) }, [0, 0, 0, 0, 0, 0]),
      /gap before b/,
    ],
    [
      'an overlap',
      file({ a: tensor('F16', [2], 0, 4), b: tensor('F16', [1], 2, 4) }, [0, 0, 0, 0]),
      /b overlaps/,
    ],
    [
      'a name twice, once in disguise',
      file(
        '{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},' +
          '"\\u0061":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}',
        [0, 0],
      ),
      /"a" stands twice/,
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /metadata/],
  ])('refuses %s', (_, bytes, detail) => {
    expect(detailOf(bytes)).toMatch(detail);
  });

  it('takes names that JavaScript finds special', () => {
    const bytes = file('{"__proto__":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}', [0, 0x3c]);
    const { tensors } = readSafetensors(bytes, 'x');
    expect(tensors.get('__proto__')?.data).toEqual(Float32Array.of(1));
  });
});

const arbitraryTensors: fc.Arbitrary<Map<string, WritableTensor>> = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__'),
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
    }),
    { maxLength: 8, selector: ({ name }) => name },
  )
  .map(
    (entries) =>
      new Map(
        entries.map(({ name, shape }, i) => {
          const count = shape.reduce((a, b) => a * b, 1);
          return [name, { shape, data: Float32Array.from({ length: count }, (_, j) => i + j / 7) }];
        }),
      ),
  );

describe('writeSafetensors', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(arbitraryTensors, (tensors) => {
        const names = [...tensors.keys()].filter((name) => !name.endsWith('num_batches_tracked'));
        const back = readSafetensors(writeSafetensors(tensors, { format: 'pt' }), 'x');
        expect([...back.tensors.keys()].sort()).toEqual(names.sort());
        for (const [name, { shape, data }] of back.tensors) {
          expect(shape).toEqual(tensors.get(name)?.shape);
          expect(data).toEqual(tensors.get(name)?.data);
        }
        expect(back.metadata).toEqual({ format: 'pt' });
      }),
      { numRuns: 100 },
    );
  });

  it('puts int64 first and keeps tensors aligned', () => {
    const bytes = writeSafetensors(
      new Map<string, WritableTensor>([
        ['w', { shape: [1], data: Float32Array.of(2) }],
        ['n', { shape: [], data: BigInt64Array.of(7n) }],
      ]),
    );
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
    expect(header.n).toEqual({ dtype: 'I64', shape: [], data_offsets: [0, 8] });
    expect(header.w).toEqual({ dtype: 'F32', shape: [1], data_offsets: [8, 12] });
  });
});

describe('a damaged file', () => {
  const whole = writeSafetensors(
    new Map([
      ['layer.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['layer.bias', { shape: [2], data: Float32Array.of(7, 8) }],
    ]),
    { format: 'pt' },
  );

  it('cut anywhere is refused', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(detailOf(whole.slice(0, length))).not.toBe('');
      }),
    );
  });

  it('with any byte of its header changed is refused or still well formed', () => {
    const headerEnd = whole.length - 32;
    fc.assert(
      fc.property(fc.nat(headerEnd - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          const { tensors } = readSafetensors(bytes, 'x');
          const values = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
          expect(values).toBeLessThanOrEqual(16); // 32 bytes, fp16 at the narrowest
        } catch (error) {
          expect(error).toMatchObject({ code: 'weights-format' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the shipped file', () => {
  it('reads in well under a second', () => {
    const bytes = readFileSync('public/backbones/efficientnet_lite0.safetensors');
    const start = performance.now();
    const { tensors, metadata } = readSafetensors(bytes, 'efficientnet_lite0.safetensors');
    expect(performance.now() - start).toBeLessThan(2000);
    expect(metadata.architecture).toBe('tf_efficientnet_lite0');
    expect(tensors.size).toBe(247); // 296 less 49 counters
    expect(tensors.get('classifier.weight')?.shape).toEqual([1000, 1280]);
  });
});
