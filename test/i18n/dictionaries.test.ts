/** Every message of both languages can be said, and the compiler refuses a dictionary with a gap. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  dictionaries,
  errorSentence,
  languageNames,
  matchLanguage,
  type Dictionary,
} from '../../src/i18n/dictionaries.ts';
import { skipReasons } from '../../src/protocol/dataset.ts';
import { AppError, type ErrorData } from '../../src/protocol/errors.ts';

type Message = string | ((...params: unknown[]) => string);

function* messages(node: unknown, path = ''): Generator<[string, Message]> {
  if (typeof node === 'string' || typeof node === 'function') yield [path, node as Message];
  else {
    for (const [key, child] of Object.entries(node as object)) {
      yield* messages(child, path ? `${path}.${key}` : key);
    }
  }
}

describe.each(languageNames)('the dictionary %s', (name) => {
  it('has the same keys as the other, of the same kind', () => {
    const kinds = (dictionary: Dictionary) =>
      [...messages(dictionary)].map(([path, message]) => `${path}: ${typeof message}`).sort();
    expect(kinds(dictionaries[name])).toEqual(kinds(dictionaries.en));
  });

  it('leaves nothing empty', () => {
    const empty = [...messages(dictionaries[name])].filter(([, message]) => message === '');
    expect(empty.map(([path]) => path)).toEqual([]);
  });

  it('has a sentence for every failure, with its figures and names in it', () => {
    const { sentences, skips } = dictionaries[name].errors;
    expect(Object.keys(skips).sort()).toEqual([...skipReasons].sort());
    expect(Object.keys(sentences).length).toBeGreaterThan(25);
    const said = (error: ErrorData) => errorSentence(dictionaries[name], error);
    expect(said({ code: 'not-a-zip', params: { name: 'a.txt' } })).toContain('a.txt');
    expect(
      said({ code: 'too-few-photos', params: { className: '苹果', found: 1, needed: 2 } }),
    ).toMatch(/苹果.*1.*2/);
    const mismatch = new AppError('weights-mismatch', {
      backbone: 'resnet18',
      missing: 'conv1.weight',
      unexpected: '',
      wrongShape: '',
    });
    expect(errorSentence(dictionaries[name], mismatch)).toContain('conv1.weight');
    expect(said({ code: 'quota-exceeded', params: { neededBytes: 0 } })).not.toContain('0');
  });
});

describe.each(languageNames)('out of memory, in %s', (name) => {
  const said = (batchSize: number, imageSize: number) =>
    errorSentence(dictionaries[name], {
      code: 'out-of-memory',
      params: { batchSize, imageSize },
    });

  it('names settings to try', () => {
    expect(said(32, 224)).toMatch(/32.*224.*16.*128–160/);
    expect(said(32, 96)).toMatch(/32.*96.*16.*64/);
  });

  it('names none that are out of range', () => {
    expect(said(2, 160)).toMatch(/160.*104/);
    expect(said(3, 32)).toMatch(/3.*32.*2/);
    expect(said(2, 32).match(/\d+/g)).toEqual(['2', '32']);
  });
});

it('is Chinese where it says so', () => {
  const latin = [...messages(dictionaries.zh)].filter(
    ([, message]) => typeof message === 'string' && !/\p{Script=Han}/u.test(message),
  );
  // names, which are the same in both languages
  const names =
    /^(WebGPU|WASM|CPU|GPU|UTF-8|CPU · WASM SIMD|Top-?\d(，%)?|F1|[a-z]+\.[a-z]+|[\d.\s·%+-]*)$/i;
  expect(latin.filter(([, message]) => !names.test(String(message)))).toEqual([]);
});

it('matches the languages that browsers name', () => {
  expect(matchLanguage('zh-Hans-CN')).toBe('zh');
  expect(matchLanguage('en_GB')).toBe('en');
  expect(matchLanguage('fr')).toBeNull();
  expect(matchLanguage('')).toBeNull();
});

it('does not compile with a gap or another parameter', () => {
  const { common } = dictionaries.en;
  // @ts-expect-error -- a key is missing
  const gap: Dictionary['common'] = { ...common, close: undefined };
  // @ts-expect-error -- a number is not a name
  const other: Dictionary['common'] = { ...common, deviceGpu: (adapter: number) => `${adapter}` };
  expect([gap, other]).toHaveLength(2);
  expectTypeOf<Dictionary['common']['close']>().toEqualTypeOf<string>();
});
