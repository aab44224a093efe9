import { describe, expect, it } from 'vitest';
import { sniff } from '../../../src/data/image-folder/sniff.ts';
import { be32, png, undecodablePng } from '../../support/pictures.ts';

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const le32 = (value: number): number[] => be32(value).reverse();
const bytes = (...parts: number[][]): Uint8Array => Uint8Array.from(parts.flat());
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** SOI, EXIF with an orientation, a comment, fill bytes, SOF2 of 640x480, SOS. */
function jpeg(orientation: number, little: boolean): Uint8Array {
  const u16 = (n: number): number[] => (little ? [n & 255, n >> 8] : [n >> 8, n & 255]);
  const u32 = (n: number): number[] => (little ? le32(n) : be32(n));
  const tiff = [
    ...ascii(little ? 'II' : 'MM'),
    ...u16(42),
    ...u32(8),
    ...u16(2),
    ...[...u16(0x010f), ...u16(2), ...u32(1), ...u32(0)],
    ...[...u16(0x0112), ...u16(3), ...u32(1), ...u16(orientation), ...u16(0)],
    ...u32(0),
  ];
  const exif = [...ascii('Exif\0\0'), ...tiff];
  return bytes(
    [0xff, 0xd8],
    [0xff, 0xe1, 0, exif.length + 2, ...exif],
    [0xff, 0xfe, 0, 6, ...ascii('note')],
    [0xff, 0xff, 0xff, 0xc2, 0, 11, 8, 480 >> 8, 480 & 255, 640 >> 8, 640 & 255, 1, 1, 0x11, 0],
    [0xff, 0xda],
  );
}

const webp = (...chunk: number[][]): Uint8Array =>
  bytes(ascii('RIFF'), le32(100), ascii('WEBP'), ...chunk, zeros(16));
const bmp = (header: number[]): Uint8Array => bytes(ascii('BM'), zeros(12), header, zeros(20));

function avif(): Uint8Array {
  const box = (type: string, ...content: number[][]): number[] => {
    const body = content.flat();
    return [...be32(body.length + 8), ...ascii(type), ...body];
  };
  const ispe = (w: number, h: number): number[] => box('ispe', zeros(4), be32(w), be32(h));
  const ipco = box('ipco', ispe(160, 120), box('pixi', zeros(4)), ispe(800, 600));
  return bytes(
    box('ftyp', ascii('mif1'), zeros(4), ascii('mif1avif')),
    box('meta', zeros(4), box('hdlr', zeros(12)), box('iprp', ipco)),
  );
}

describe('pictures that browsers read', () => {
  const cases: [string, Uint8Array, string, number, number][] = [
    ['PNG', png(20, 10), 'image/png', 20, 10],
    ['JPEG, upright', jpeg(1, true), 'image/jpeg', 640, 480],
    ['JPEG, turned by EXIF', jpeg(6, true), 'image/jpeg', 480, 640],
    ['JPEG, turned, big-endian', jpeg(8, false), 'image/jpeg', 480, 640],
    ['JPEG, upside down', jpeg(3, false), 'image/jpeg', 640, 480],
    ['GIF', bytes(ascii('GIF89a'), [64, 1, 200, 0]), 'image/gif', 320, 200],
    ['BMP', bmp([...le32(40), ...le32(300), ...le32(200)]), 'image/bmp', 300, 200],
    ['BMP, top down', bmp([...le32(40), ...le32(300), ...le32(-200 >>> 0)]), 'image/bmp', 300, 200],
    ['BMP, OS/2', bmp([...le32(12), 44, 1, 200, 0]), 'image/bmp', 300, 200],
    [
      'WebP, lossy',
      webp(ascii('VP8 '), le32(80), [0, 0, 0, 0x9d, 1, 0x2a], [0x2c, 0x41, 200, 0]),
      'image/webp',
      300,
      200,
    ],
    [
      'WebP, lossless',
      webp(ascii('VP8L'), le32(80), [0x2f], le32(299 | (199 << 14))),
      'image/webp',
      300,
      200,
    ],
    [
      'WebP, extended',
      webp(ascii('VP8X'), le32(10), zeros(4), [43, 1, 0], [199, 0, 0]),
      'image/webp',
      300,
      200,
    ],
    ['AVIF, the largest of its parts', avif(), 'image/avif', 800, 600],
  ];
  it.each(cases)('%s', (_, file, mime, width, height) => {
    expect(sniff(file)).toEqual({ mime, width, height });
  });
});

describe('files that are left out', () => {
  const cases: [string, Uint8Array, string][] = [
    ['nothing', bytes(), 'empty'],
    ['a text', bytes(ascii('hello')), 'text-named-image'],
    [
      'a text that begins with BM',
      bytes(ascii('BMW is a brand of cars and bikes')),
      'text-named-image',
    ],
    ['a web page', bytes(ascii('<!doctype html><html><svg></svg></html>')), 'text-named-image'],
    ['a PDF', bytes(ascii('%PDF-1.7')), 'text-named-image'],
    ['SVG', bytes(ascii('<?xml version="1.0"?><svg xmlns="x"/>')), 'unsupported-format'],
    ['TIFF', bytes(ascii('II*\0'), zeros(8)), 'unsupported-format'],
    ['HEIC', bytes(be32(24), ascii('ftypheic'), zeros(4), ascii('mif1heic')), 'unsupported-format'],
    ['Photoshop', bytes(ascii('8BPS'), zeros(8)), 'unsupported-format'],
    ['JPEG XL', bytes([0xff, 0x0a, 0, 0]), 'unsupported-format'],
    ['a JPEG that ends in its header', jpeg(1, true).subarray(0, 30), 'damaged'],
    ['a PNG that ends in its header', png().subarray(0, 20), 'damaged'],
    ['a PNG of no width', undecodablePng(0, 5), 'damaged'],
    ['a picture of 256 megapixels', undecodablePng(16_000, 16_000), 'too-large'],
    ['a file of 65 MB', new Uint8Array(65 * 2 ** 20), 'too-large'],
  ];
  it.each(cases)('%s', (_, file, reason) => expect(sniff(file)).toEqual({ skipped: reason }));

  it('no prefix of a picture makes it throw', () => {
    for (const file of [png(), jpeg(6, true), jpeg(6, false), avif()]) {
      for (let end = 0; end < file.length; end++)
        expect(sniff(file.subarray(0, end))).toBeDefined();
    }
  });
});
