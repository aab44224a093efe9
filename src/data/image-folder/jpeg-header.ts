/**
 * A JPEG's size, from its frame header (ITU T.81, B.2.2), turned by its EXIF orientation
 * (TIFF tag 0x0112 in the first IFD; 5 to 8 swap the sides).
 */
import type { Size } from './avif-header.ts';

export function jpegSize(view: DataView): Size | null {
  let swapped = false;
  for (let at = 2; at + 4 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null; // the end, or data before any frame
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2; // stands alone, without a length
      continue;
    }
    const length = view.getUint16(at + 2);
    if (isFrame(marker)) {
      if (at + 9 > view.byteLength) return null;
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return swapped ? { width: height, height: width } : { width, height };
    }
    if (marker === 0xe1 && at + 2 + length <= view.byteLength) {
      swapped ||= exifOrientation(view, at + 4, length - 2) >= 5;
    }
    at += 2 + length;
  }
  return null;
}

/** SOF0 to SOF15 without DHT (c4), JPG (c8) and DAC (cc). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function exifOrientation(view: DataView, at: number, length: number): number {
  const end = at + length;
  if (length < 14 || view.getUint32(at) !== 0x45786966 || view.getUint16(at + 4) !== 0) return 1;
  const tiff = at + 6;
  const little = view.getUint16(tiff) === 0x4949;
  const ifd = tiff + view.getUint32(tiff + 4, little);
  if (ifd + 2 > end) return 1;
  const fields = view.getUint16(ifd, little);
  for (let i = 0; i < fields; i++) {
    const field = ifd + 2 + i * 12;
    if (field + 12 > end) break;
    if (view.getUint16(field, little) === 0x0112) return view.getUint16(field + 8, little);
  }
  return 1;
}
