/**
 * A convolution's forward pass and its input gradient are one product of matrices that are never
 * written down (implicit GEMM): a row is an output pixel, the depth runs over the taps of its window
 * and the channels under each. The two differ in where a tap lies and how the filter is read:
 *
 * - forward: rows are pixels of y, a tap reads x at (oh * stride - before + i), filter [k,k,Cin,Cout];
 * - input gradient: rows are pixels of x, a tap reads dy at (h + before - i) / stride where that is
 *   whole. Rows of one parity (h mod stride, w mod stride) share the taps that count, so each parity
 *   class is a slice of its own and nothing is multiplied by inserted zeros.
 */
import { padded } from '../gpu/program.ts';
import type { Window } from '../window.ts';

export type Direction = 'forward' | 'input';

export interface ConvShape {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly window: Window;
}

export interface Geometry {
  readonly direction: Direction;
  readonly read: number; // channels of the map that is read, padded
  readonly written: number; // of the map that is written, logical
  readonly classes: number; // parity classes: slices of the dispatch along z
  readonly rowsPerImage: number; // rows of one class in one image, some of them maybe outside
  readonly taps: number; // the most that a class has
}

export function geometryOf(direction: Direction, shape: ConvShape): Geometry {
  const { inChannels, outChannels, window } = shape;
  const { kernel, stride, inSize, outSize } = window;
  if (direction === 'forward') {
    return {
      direction,
      read: padded(inChannels),
      written: outChannels,
      classes: 1,
      rowsPerImage: outSize[0] * outSize[1],
      taps: kernel * kernel,
    };
  }
  const side = (size: number): number => Math.ceil(size / stride);
  return {
    direction,
    read: padded(outChannels),
    written: inChannels,
    classes: stride * stride,
    rowsPerImage: side(inSize[0]) * side(inSize[1]),
    taps: Math.ceil(kernel / stride) ** 2,
  };
}

/** Multiplications and additions of the op, padding not counted. */
export function convFlops({ batch, inChannels, outChannels, window }: ConvShape): number {
  const { kernel, outSize } = window;
  return 2 * batch * outSize[0] * outSize[1] * kernel * kernel * inChannels * outChannels;
}

/**
 * WGSL: `class_at(z) -> Class` (the taps of a parity class), `row_at(m, class) -> Row` and
 * `pixel_at(row, ti, tj) -> i32` (index of the pixel that is read, negative outside).
 */
export function geometryFunctions(direction: Direction, { window }: ConvShape): string {
  const { kernel, stride, before, inSize, outSize } = window;
  const structs = `
struct Class { y: u32, x: u32, i0: u32, j0: u32, taps_i: u32, taps_j: u32 }
struct Row { valid: bool, image: i32, y: i32, x: i32, out: u32 }
`;
  const bounds = (height: number, width: number) =>
    `row.valid && y >= 0 && y < ${height} && x >= 0 && x < ${width}`;
  if (direction === 'forward') {
    const [height, width] = inSize;
    const [outHeight, outWidth] = outSize;
    return `${structs}
fn class_at(z: u32) -> Class { return Class(0, 0, 0, 0, ${kernel}u, ${kernel}u); }
fn row_at(m: u32, class_: Class) -> Row {
  let n = m / ${outHeight * outWidth}u;
  let oh = m / ${outWidth}u % ${outHeight}u;
  let ow = m % ${outWidth}u;
  return Row(n < step.batch, i32(n * ${height * width}u), i32(oh * ${stride}u) - ${before[0]}, i32(ow * ${stride}u) - ${before[1]}, m);
}
fn pixel_at(row: Row, ti: u32, tj: u32) -> i32 {
  let y = row.y + i32(ti);
  let x = row.x + i32(tj);
  return select(-1, row.image + y * ${width} + x, ${bounds(height, width)});
}
`;
  }
  const [height, width] = inSize;
  const [readHeight, readWidth] = outSize;
  const [rowsHigh, rowsWide] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  return `${structs}
fn class_at(z: u32) -> Class {
  let y = z / ${stride}u;
  let x = z % ${stride}u;
  let i0 = (y + ${before[0]}u) % ${stride}u;
  let j0 = (x + ${before[1]}u) % ${stride}u;
  return Class(y, x, i0, j0, ${tapCount('i0', kernel, stride)}, ${tapCount('j0', kernel, stride)});
}
fn row_at(m: u32, class_: Class) -> Row {
  let n = m / ${rowsHigh * rowsWide}u;
  let h = m / ${rowsWide}u % ${rowsHigh}u * ${stride}u + class_.y;
  let w = m % ${rowsWide}u * ${stride}u + class_.x;
  let y = i32(h + ${before[0]}u - class_.i0) / ${stride};
  let x = i32(w + ${before[1]}u - class_.j0) / ${stride};
  let valid = n < step.batch && h < ${height}u && w < ${width}u;
  return Row(valid, i32(n * ${readHeight * readWidth}u), y, x, (n * ${height}u + h) * ${width}u + w);
}
fn pixel_at(row: Row, ti: u32, tj: u32) -> i32 {
  let y = row.y - i32(ti);
  let x = row.x - i32(tj);
  return select(-1, row.image + y * ${readWidth} + x, ${bounds(readHeight, readWidth)});
}
`;
}

/** Taps first, first + stride, … below kernel; a kernel smaller than the stride may have none. */
function tapCount(first: string, kernel: number, stride: number): string {
  return stride === 1
    ? `${kernel}u`
    : `select(0u, (${kernel + stride - 1}u - ${first}) / ${stride}u, ${first} < ${kernel}u)`;
}

/** WGSL: the filter's own tap behind tap (ti, tj) of a class. */
export function filterTap(direction: Direction, { window }: ConvShape): string {
  const { kernel, stride } = window;
  return direction === 'forward'
    ? `(ti * ${kernel}u + tj)`
    : `((class_.i0 + ti * ${stride}u) * ${kernel}u + class_.j0 + tj * ${stride}u)`;
}

/**
 * WGSL for filters [taps, Cin, Cout], as vec4f where Cout allows: `filter_out(row, n4)`, four output
 * channels of row (tap * Cin + cin).
 */
export function filterFunctions({ outChannels }: Pick<ConvShape, 'outChannels'>): {
  type: string;
  code: string;
} {
  if (outChannels % 4 === 0) {
    const code = `fn filter_out(row: u32, n4: u32) -> vec4f { return weight[row * ${outChannels / 4}u + n4]; }\n`;
    return { type: 'vec4f', code };
  }
  const lane = (i: number): string =>
    `select(0.0, weight[row * ${outChannels}u + min(n4 * 4u + ${i}u, ${outChannels - 1}u)], n4 * 4u + ${i}u < ${outChannels}u)`;
  const code = `fn filter_out(row: u32, n4: u32) -> vec4f {
  return vec4f(${[0, 1, 2, 3].map(lane).join(', ')});
}
`;
  return { type: 'f32', code };
}
