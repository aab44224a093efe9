/**
 * What a file is by its first bytes, and how large a picture it holds: a 31 kB PNG of
 * 16000 x 16000 decodes for a second, so the size is read before any decoder sees it.
 */
import type { SkipReason } from '../../protocol/dataset.ts';
import { jpegSize } from './jpeg-header.ts';
import { avifSize, type Size } from './avif-header.ts';

export const maxPhotoBytes = 64 * 2 ** 20;
export const maxPhotoPixels = 64e6;

export type Sniffed = { mime: string; width: number; height: number } | { skipped: SkipReason };

/** Width and height as shown, that is after a JPEG's EXIF orientation. */
export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return { skipped: 'empty' };
  if (bytes.length > maxPhotoBytes) return { skipped: 'too-large' };
  const found = recognise(bytes);
  if (!found)
    return { skipped: isUnreadablePicture(bytes) ? 'unsupported-format' : 'text-named-image' };
  const { mime, size } = found;
  if (!size || size.width < 1 || size.height < 1) return { skipped: 'damaged' };
  if (size.width * size.height > maxPhotoPixels) return { skipped: 'too-large' };
  return { mime, ...size };
}

/** What the header says, unchecked; null where there is none. */
export function pictureSize(bytes: Uint8Array): Size | null {
  return recognise(bytes)?.size ?? null;
}

/** `size` is null where the header ends early. */
function recognise(bytes: Uint8Array): { mime: string; size: Size | null } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const enough = (length: number, read: () => Size | null): Size | null =>
    bytes.length < length ? null : read();
  if (startsWith(bytes, '\xff\xd8\xff')) return { mime: 'image/jpeg', size: jpegSize(view) };
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) {
    const size = enough(24, () => ({ width: view.getUint32(16), height: view.getUint32(20) }));
    return { mime: 'image/png', size };
  }
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) {
    const size = enough(10, () => ({
      width: view.getUint16(6, true),
      height: view.getUint16(8, true),
    }));
    return { mime: 'image/gif', size };
  }
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) {
    return { mime: 'image/webp', size: enough(30, () => webpSize(view)) };
  }
  if (startsWith(bytes, 'BM')) {
    const size = enough(26, () => bmpSize(view));
    return size && { mime: 'image/bmp', size };
  }
  if (startsWith(bytes, 'ftyp', 4) && brands(bytes).some((brand) => /^avi[fs]$/.test(brand))) {
    return { mime: 'image/avif', size: avifSize(view) };
  }
  return null;
}

/** VP8, VP8L and VP8X: developers.google.com/speed/webp/docs/riff_container, RFC 6386, RFC 9649. */
function webpSize(view: DataView): Size | null {
  switch (view.getUint32(12)) {
    case 0x56503820: // 'VP8 ', key frame after the start code 9d 01 2a
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    case 0x5650384c: {
      // 'VP8L': 14 bits each, less one, after the signature byte 2f
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503858: // 'VP8X': 24 bits each, less one
      return {
        width: (view.getUint32(24, true) & 0xffffff) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      };
    default:
      return null;
  }
}

/** 'BM' alone may begin a text: the DIB header's length has to be one of those that exist. */
function bmpSize(view: DataView): Size | null {
  const header = view.getUint32(14, true);
  if (header === 12) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  if (![16, 40, 52, 56, 64, 108, 124].includes(header)) return null;
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/** Pictures, but none that every browser decodes: TIFF and camera raw, HEIC, PSD, SVG, JPEG XL … */
function isUnreadablePicture(bytes: Uint8Array): boolean {
  const signatures = [
    'II*\0',
    'MM\0*',
    'II+\0',
    'IIU\0',
    'IIRO',
    '8BPS',
    '\xff\x0a',
    '\0\0\0\x0cJXL ',
    '\0\0\0\x0cjP  ',
    '\0\0\x01\0',
    'FUJIFILMCCD-RAW',
  ];
  if (signatures.some((signature) => startsWith(bytes, signature))) return true;
  if (startsWith(bytes, 'ftyp', 4)) {
    return brands(bytes).some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1|crx )$/.test(brand));
  }
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1024));
  return /<svg[\s>]/i.test(head) && !/<html[\s>]/i.test(head);
}

/** Major and compatible brands of an ISO media file. */
function brands(bytes: Uint8Array): string[] {
  const length = Math.min(
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
    bytes.length,
    256,
  );
  const text = new TextDecoder('latin1').decode(bytes.subarray(8, length));
  return text.match(/[^]{4}/g) ?? [];
}

function startsWith(bytes: Uint8Array, signature: string, offset = 0): boolean {
  for (let i = 0; i < signature.length; i++) {
    if (bytes[offset + i] !== signature.charCodeAt(i)) return false;
  }
  return true;
}
