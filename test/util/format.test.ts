import { describe, expect, it } from 'vitest';
import { createFormat } from '../../src/util/format.ts';

const en = createFormat('en-GB');
const zh = createFormat('zh-CN');
const nbsp = '\u00a0';

describe('format', () => {
  it('writes rates as percentages in the manner of the language', () => {
    expect(en.percent(0.96875)).toBe(`96.9${nbsp}%`);
    expect(zh.percent(0.96875)).toBe('96.9%');
    expect(en.percent(1, 0)).toBe(`100${nbsp}%`);
    expect(en.interval([0.912, 0.9891])).toBe('91.2–98.9');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 kB'],
    [1_000, '1.0 kB'],
    [99_940, '99.9 kB'],
    [123_456, '123 kB'],
    [999_600, '1.0 MB'],
    [5_597_147, '5.6 MB'],
    [1.06e9, '1.1 GB'],
    [-5, '0 B'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(en.bytes(bytes)).toBe(text.replace(' ', nbsp));
  });

  it.each([
    [0, '0:00'],
    [38.4, '0:38'],
    [59.6, '1:00'],
    [3723, '1:02:03'],
    [-1, '0:00'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(en.duration(seconds)).toBe(text);
  });

  it('keeps figures short', () => {
    expect(en.compact(3_371_712)).toBe(`3.4${nbsp}M`);
    expect(en.compact(42)).toBe('42');
    expect(en.number(12345.678)).toBe('12,345.678');
    expect(en.number(0.1, 3)).toBe('0.100');
  });
});
