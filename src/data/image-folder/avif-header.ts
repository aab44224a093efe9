/**
 * An AVIF's size: the largest `ispe` property of its `meta` box (ISO 23008-12, 6.5.3), for tiles
 * and thumbnails have one too. It guards the decoder; the exact size comes from decoding.
 */
export interface Size {
  width: number;
  height: number;
}

export function avifSize(view: DataView): Size | null {
  const meta = findBox(view, 0, view.byteLength, 'meta');
  const properties = meta && findBox(view, meta.start + 4, meta.end, 'iprp');
  const container = properties && findBox(view, properties.start, properties.end, 'ipco');
  if (!container) return null;
  let largest: Size | null = null;
  for (const box of boxes(view, container.start, container.end)) {
    if (box.type !== 'ispe' || box.end - box.start < 12) continue;
    const size = { width: view.getUint32(box.start + 4), height: view.getUint32(box.start + 8) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

interface Box {
  type: string;
  start: number; // of its content
  end: number;
}

function findBox(view: DataView, start: number, end: number, type: string): Box | null {
  for (const box of boxes(view, start, end)) if (box.type === type) return box;
  return null;
}

function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end;) {
    const size = view.getUint32(at) || end - at; // 0: up to the end
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    if (size < 8 || at + size > end) return;
    yield { type, start: at + 8, end: at + size };
    at += size;
  }
}
