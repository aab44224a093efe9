import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/data/zip/crc32.ts';
import { readDirectory } from '../../../src/data/zip/directory.ts';
import { readEntries } from '../../../src/data/zip/reader.ts';
import { FileWindow } from '../../../src/data/zip/window.ts';
import { rawName } from '../../../src/data/names/raw-name.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import { createRandom } from '../../../src/util/random.ts';
import { encodeText, makeZip, type ZipFile, type ZipOptions } from '../../support/zips.ts';

/** Name → content as text, or the reason why there is none. */
async function extract(
  files: readonly ZipFile[],
  options: ZipOptions & { maxBytes?: number; cut?: number } = {},
): Promise<Record<string, string>> {
  const bytes = makeZip(files, options);
  const blob = new Blob([bytes.subarray(0, options.cut ?? bytes.length)]);
  const entries = await readDirectory(blob, 'a.zip');
  const wanted = entries.map((_, index) => index);
  const found: Record<string, string> = {};
  const maxBytes = options.maxBytes ?? 2 ** 26;
  for await (const { index, data } of readEntries(blob, entries, wanted, { maxBytes })) {
    const text = typeof data === 'string' ? `(${data})` : new TextDecoder().decode(data);
    found[entries[index]?.name ?? ''] = text;
  }
  return found;
}

function noise(length: number): Uint8Array<ArrayBuffer> {
  const random = createRandom(3);
  return Uint8Array.from({ length }, () => random.int(256));
}

describe('a zip of every kind', () => {
  const text = 'a line that deflates well. '.repeat(200);
  const kinds: [string, Partial<ZipFile>, ZipOptions][] = [
    ['stored', {}, {}],
    ['deflated', { method: 'deflated' }, {}],
    ['data descriptor', { method: 'deflated', dataDescriptor: true }, {}],
    ['stored with a data descriptor', { dataDescriptor: true }, {}],
    ['zip64 entries', { zip64: true }, {}],
    ['zip64 end record', {}, { zip64: true }],
    ['a program in front', {}, { prepend: noise(1000) }],
  ];
  it.each(kinds)('%s', async (_, entry, options) => {
    const files = ['one', 'two', 'three'].map((name) => ({ name, data: text + name, ...entry }));
    expect(await extract(files, options)).toEqual({
      one: `${text}one`,
      two: `${text}two`,
      three: `${text}three`,
    });
  });

  it('leaves folders out, with either slash', async () => {
    const files = [{ name: 'a/' }, { name: 'b\\' }, { name: 'a/x', data: 'x' }];
    expect(await extract(files)).toEqual({ 'a/x': 'x' });
  });
});

describe('an entry that is wrong costs itself alone', () => {
  const good = { name: 'good', data: 'good' };
  const cases: [string, ZipFile, string][] = [
    ['checksum', { name: 'bad', data: 'text', crc: 1 }, '(damaged)'],
    [
      'shorter than it says',
      { name: 'bad', data: 'text', method: 'deflated', size: 9 },
      '(damaged)',
    ],
    [
      'longer than it says',
      { name: 'bad', data: 'text', method: 'deflated', size: 2 },
      '(damaged)',
    ],
    ['encrypted', { name: 'bad', data: 'text', encrypted: true }, '(encrypted)'],
    ['empty', { name: 'bad', data: '' }, '(empty)'],
    ['unknown method', { name: 'bad', data: 'text', method: 14 }, '(unsupported-format)'],
    ['over the cap', { name: 'bad', data: 'x'.repeat(101), method: 'deflated' }, '(too-large)'],
    ['not deflate', { name: 'bad', data: noise(50), method: 14 }, '(unsupported-format)'],
  ];
  it.each(cases)('%s', async (_, bad, reason) => {
    expect(await extract([good, bad, { ...good, name: 'last' }], { maxBytes: 100 })).toEqual({
      good: 'good',
      bad: reason,
      last: 'good',
    });
  });

  it('a bomb stops where its directory says that it ends', async () => {
    const bomb = { name: 'b', data: new Uint8Array(50e6), method: 'deflated' as const, size: 1000 };
    expect(await extract([bomb, good])).toEqual({ b: '(damaged)', good: 'good' });
  });

  it('entries that share their bytes are read once', async () => {
    const blob = new Blob([makeZip([good])]);
    const [entry] = await readDirectory(blob, 'a.zip');
    if (!entry) return expect.fail();
    const results: unknown[] = [];
    for await (const { data } of readEntries(blob, [entry, entry], [0, 1], { maxBytes: 100 })) {
      results.push(data);
    }
    expect(results[1]).toBe('damaged');
  });
});

describe('names', () => {
  it('come raw without the flag, as text with it or with a Unicode path', async () => {
    const gbk = encodeText('苹果.jpg', 'gb18030');
    const zip = makeZip([
      { name: '苹果.jpg', encoding: 'gb18030', data: 'x' },
      { name: '苹果.jpg', data: 'x' },
      { name: gbk, unicodePath: '梨.jpg', data: 'x' },
      { name: gbk, flag: true, data: 'x' }, // a flag that lies
    ]);
    const entries = await readDirectory(new Blob([zip]), 'a.zip');
    expect(entries.map(({ name, raw }) => [name, raw])).toEqual([
      [rawName(gbk), true],
      ['苹果.jpg', false],
      ['梨.jpg', false],
      [rawName(gbk), true],
    ]);
  });

  it('that climb out do not refuse the archive', async () => {
    expect(await extract([{ name: '../../x', data: 'x' }])).toEqual({ '../../x': 'x' });
  });
});

describe('a file that is no zip', () => {
  async function codeOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const error: unknown = await readDirectory(new Blob([bytes]), 'a').catch((e: unknown) => e);
    return error instanceof AppError ? error.code : String(error);
  }
  const whole = makeZip([
    { name: 'a', data: noise(5000) },
    { name: 'b', data: noise(5000) },
  ]);
  it.each([
    ['not-a-zip', new Uint8Array(0)],
    ['not-a-zip', new TextEncoder().encode('hello')],
    ['not-a-zip', noise(100_000)],
    ['zip-truncated', whole.slice(0, 3000)],
    ['zip-truncated', whole.slice(0, whole.length - 30)],
    ['zip-truncated', whole.slice(0, whole.length - 1)],
    ['zip-truncated', whole.slice(0, 30)],
  ])('%s', async (code, bytes) => expect(await codeOf(bytes)).toBe(code));
});

it('reads through windows of any size, and reads each byte once', async () => {
  const bytes = noise(10_000);
  const blob = new Blob([bytes]);
  for (const size of [1, 7, 4096, 20_000]) {
    const window = new FileWindow(blob, size);
    for (let at = 0; at < bytes.length;) {
      const held = await window.from(at, Math.min(5, bytes.length - at));
      expect(held).toEqual(bytes.subarray(at, at + held.length));
      at += Math.max(1, held.length);
    }
  }
});

it('crc32: the check value of the standard, in one piece and in several', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(3), crc32(bytes.subarray(0, 3)))).toBe(0xcbf43926);
});
