import { describe, expect, it } from 'vitest';
import { decodeName } from '../../../src/data/names/decode-name.ts';
import { compareCodePoints, splitPath } from '../../../src/data/names/path.ts';
import { rawBytes, rawName } from '../../../src/data/names/raw-name.ts';

describe('decodeName', () => {
  it('composes what macOS wrote decomposed', () => {
    expect(decodeName({ name: 'e\u0301', raw: false }, 'utf-8')).toBe('é');
  });
  it('shows bytes that the encoding lacks, rather than failing', () => {
    expect(decodeName({ name: '\xff/a.jpg', raw: true }, 'gb18030')).toBe('\ufffd/a.jpg');
  });
  it('reads CP437, all 256 bytes of it', () => {
    const all = rawName(Uint8Array.from({ length: 256 }, (_, i) => i));
    const text = decodeName({ name: all, raw: true }, 'cp437');
    expect([...text]).toHaveLength(256);
    expect(text.slice(0x80, 0x83)).toBe('Çüé');
    expect(text.slice(0xc9, 0xcc)).toBe('╔╩╦');
    expect(text.charCodeAt(0xff)).toBe(0xa0);
  });
  it('keeps every byte of a raw name', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(rawBytes(rawName(bytes))).toEqual(bytes);
  });
});

describe('splitPath', () => {
  it.each([
    ['a/b.jpg', ['a', 'b.jpg']],
    ['./a//b.jpg', ['a', 'b.jpg']],
    ['a\\b\\c.jpg', ['a', 'b', 'c.jpg']],
    ['a/b..c.jpg', ['a', 'b..c.jpg']],
  ])('%s', (name, parts) => expect(splitPath(name)).toEqual(parts));

  it.each([
    '../a.jpg',
    'a/../b.jpg',
    'a\\..\\b.jpg',
    '/a.jpg',
    '\\a.jpg',
    'C:\\a.jpg',
    'a\0.jpg',
    '',
  ])('refuses %j', (name) => expect(splitPath(name)).toBeNull());
});

it('orders by code point, not by UTF-16 and not by locale', () => {
  const names = ['ä', 'z', 'Z', '\u{1f34e}', '\uff01', '苹果', '梨', 'a', 'aa'];
  expect(names.sort(compareCodePoints)).toEqual([
    'Z',
    'a',
    'aa',
    'z',
    'ä',
    '梨',
    '苹果',
    '\uff01',
    '\u{1f34e}',
  ]);
});
