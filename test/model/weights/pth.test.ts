/** The files come from test/golden/weights/make_pth.py, that is from torch.save. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/protocol/errors.ts';
import { isPth, readPth } from '../../../src/model/weights/pth.ts';

const read = (name: string): Uint8Array => readFileSync(`test/golden/weights/${name}`);
const expected = JSON.parse(readFileSync('test/golden/weights/pth.json', 'utf8')) as Record<
  string,
  { shape: number[]; data: number[] }
>;

function detailOf(bytes: Uint8Array): string {
  try {
    readPth(bytes, 'weights.pth');
  } catch (error) {
    if (error instanceof AppError && error.code === 'weights-format') {
      return (error as AppError<'weights-format'>).params.detail;
    }
    throw error;
  }
  throw new Error('accepted');
}

describe('readPth', () => {
  it.each([
    ['a state_dict', 'plain.pth'],
    ['the format before PyTorch 1.6', 'legacy.pth'],
    ['a checkpoint with state_dict', 'wrapped.pth'],
    ['a checkpoint with model, by a later pickle protocol', 'model.pth'],
  ])('reads %s', (_, name) => {
    const bytes = read(name);
    expect(isPth(bytes)).toBe(true);
    const state = readPth(bytes, name);
    expect([...state.keys()]).toEqual(Object.keys(expected));
    for (const [key, { shape, data }] of state) {
      expect(shape, key).toEqual(expected[key]?.shape);
      // JSON has the decimal digits of fp32 values: as fp32 again they are equal.
      expect(data, key).toEqual(Float32Array.from(expected[key]?.data ?? []));
    }
  });

  it.each(['hostile.pth', 'hostile-first.pth'])('refuses what %s would call, by name', (name) => {
    expect(detailOf(read(name))).toMatch(/asks for (posix|nt)\.system/);
  });

  it('refuses a zip of something else, and what is no .pth', () => {
    const zip = read('plain.pth').slice();
    const name = new TextEncoder().encode('plain/data.pkl');
    for (let at = 0; at < zip.length - name.length; at++) {
      if (name.every((byte, i) => zip[at + i] === byte)) zip[at + name.length - 1] = 0x78;
    }
    expect(detailOf(zip)).toMatch(/not written by torch.save/);
    expect(isPth(new TextEncoder().encode('{}'))).toBe(false);
  });

  it('refuses a tensor that reaches beyond its storage', () => {
    const bytes = read('plain.pth').slice();
    // The shape of `plain`, (2, 3), stands as BININT1 2, BININT1 3, TUPLE2.
    const shape = [0x4b, 2, 0x4b, 3, 0x86];
    const at = bytes.findIndex((_, i) => shape.every((byte, j) => bytes[i + j] === byte));
    bytes[at + 1] = 200;
    expect(detailOf(bytes)).toMatch(/plain reaches beyond its storage/);
  });

  it.each(['plain.pth', 'legacy.pth'])('refuses %s cut anywhere', (name) => {
    const bytes = read(name);
    fc.assert(
      fc.property(fc.integer({ min: 4, max: bytes.length - 1 }), (length) => {
        expect(detailOf(bytes.slice(0, length))).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });

  it.each(['plain.pth', 'legacy.pth', 'model.pth'])(
    'with any byte of %s changed reads or refuses, and never does anything else',
    (name) => {
      const bytes = read(name);
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const damaged = bytes.slice();
          damaged[at] = (damaged[at] ?? 0) ^ change;
          try {
            for (const { shape, data } of readPth(damaged, name).values()) {
              expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'weights-format' });
          }
        }),
        { numRuns: 2000 },
      );
    },
  );
});
