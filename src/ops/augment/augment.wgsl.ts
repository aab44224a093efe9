/**
 * Photos to a batch on the GPU in one dispatch: crop, resize, flip and normalize, from bytes. The
 * resize is Pillow's (libImaging/Resample.c), as `data/resize` has it on the CPU: two passes with
 * weights in fixed point, the first pass rounded to bytes. A lane makes one pixel, and so repeats the
 * first pass for the few lines that its pixel takes. Bilinear weights are worked out in whole
 * numbers, exactly; bicubic ones in f32, which now and then moves a byte by one.
 */
import { activationMap, type Storage } from '../gpu/map.ts';
import { builtins, header, linearGroup, spread, type Program } from '../gpu/program.ts';

const threads = 64;

export interface AugmentOptions {
  readonly batch: number;
  readonly size: number; // of the pictures that come out, S
  readonly interpolation: 'bilinear' | 'bicubic';
  readonly mean: readonly number[]; // RGB, of pixels in 0 to 1
  readonly std: readonly number[];
  readonly storage?: Storage; // of the batch
}

/** A photo, and what of it is taken; black where that is outside. */
export interface CroppedPhoto {
  readonly data: Uint8Array; // RGB, [height, width, 3]
  readonly height: number;
  readonly width: number;
  readonly region: {
    readonly top: number;
    readonly left: number;
    readonly height: number;
    readonly width: number;
  };
  readonly flip: boolean;
}

/** Where it lies among the bytes. */
export interface PlacedPhoto extends Omit<CroppedPhoto, 'data'> {
  readonly offset: number; // bytes, a multiple of 4
}

/** A photo's record, in the order of the WGSL struct. */
export const recordSize = 8;

export function photoRecords(photos: readonly PlacedPhoto[]): Int32Array<ArrayBuffer> {
  const records = new Int32Array(photos.length * recordSize);
  photos.forEach(({ offset, height, width, region, flip }, i) => {
    const { top, left } = region;
    const crop = [top, left, region.height, region.width];
    records.set([offset, height, width, ...crop, flip ? 1 : 0], i * recordSize);
  });
  return records;
}

/** Bytes that a photo takes: the next one begins at a multiple of 4. */
export function photoBytes(photo: { readonly height: number; readonly width: number }): number {
  return Math.ceil((photo.height * photo.width * 3) / 4) * 4;
}

/** photos (RGB bytes, four to a u32), records → batch [N,S,S,4], the fourth channel 0 */
export function augment(options: AugmentOptions): Program {
  const { batch, size, interpolation, mean, std, storage } = options;
  const images = activationMap('images', storage);
  const bindings = [
    { name: 'photos', type: 'u32', access: 'read' },
    { name: 'records', type: 'Photo', access: 'read' },
    images.binding,
  ] as const;
  const weights = interpolation === 'bilinear' ? bilinear : bicubic;
  const lines = Array.from({ length: weights.lines }, (_, line) => line);
  const wgsl = `struct Photo {
  offset: i32, height: i32, width: i32, top: i32, left: i32, crop_height: i32, crop_width: i32, flip: i32,
}
${header(bindings)}
// Along one side: the inputs first to last (exclusive) that make output 'at', and their weights' sum.
struct Axis { inputs: i32, at: i32, direction: vec2i, first: i32, last: i32, total: ${weights.type} }

// Distance from the output's centre to input i's, in units of 1 / reach of the filter's radius 1.
fn steps_to(axis: Axis, i: i32) -> i32 {
  return abs((2 * i + 1) * ${size} - (2 * axis.at + 1) * axis.inputs);
}
fn reach(axis: Axis) -> i32 { return 2 * max(axis.inputs, ${size}); }
${weights.code}
fn axis_of(inputs: i32, at: i32, direction: vec2i) -> Axis {
  var axis = Axis(inputs, at, direction, 0, 0, ${weights.type}());
  let centre = (2 * at + 1) * inputs + ${size};
  axis.first = max(centre - ${weights.radius} * reach(axis), 0) / ${2 * size};
  axis.last = min((centre + ${weights.radius} * reach(axis)) / ${2 * size}, inputs);
  for (var i = axis.first; i < axis.last; i++) { axis.total += raw_weight(axis, i); }
  return axis;
}

fn pixel(photo: Photo, at: vec2i) -> vec3i {
  if (at.x < 0 || at.y < 0 || at.x >= photo.width || at.y >= photo.height) { return vec3i(); }
  let byte = u32(photo.offset + (at.y * photo.width + at.x) * 3);
  let shift = byte % 4u * 8u;
  // Three bytes lie in one word or two; if in one, both halves are that word.
  let rgb = (photos[byte / 4u] >> shift) | (photos[(byte + 2u) / 4u] << ((32u - shift) % 32u));
  return vec3i((vec3u(rgb) >> vec3u(0, 8, 16)) & vec3u(255));
}

const half = vec3i(${2 ** 21});
fn to_byte(sum: vec3i) -> vec3i { return clamp(sum >> vec3u(22), vec3i(), vec3i(255)); }

@compute @workgroup_size(${threads})
fn main(${builtins}) {
  let index = (${linearGroup}) * ${threads}u + lane;
  if (index >= step.batch * ${size * size}u) { return; }
  let photo = records[index / ${size * size}u];
  let row = i32(index / ${size}u % ${size}u);
  let column = i32(index % ${size}u);
  let across = axis_of(photo.crop_width, select(column, ${size - 1} - column, photo.flip != 0), vec2i(1, 0));
  let down = axis_of(photo.crop_height, row, vec2i(0, 1));
  // Pillow's order of the passes (since 13): columns before rows where the height shrinks far more.
  let shrink = photo.crop_height - ${size};
  var inner = across;
  var outer = down;
  if (shrink > 0 && shrink > 2 * (photo.crop_width - ${size})) { inner = down; outer = across; }
  let origin = vec2i(photo.left, photo.top);
  var sum = half;
  for (var line = outer.first; line < outer.last; line += ${weights.lines}) {
    ${lines.map((l) => `var line${l} = half;`).join(' ')}
    for (var i = inner.first; i < inner.last; i++) {
      let weight = fixed_weight(inner, i);
      let at = origin + i * inner.direction + line * outer.direction;
      ${lines.map((l) => `line${l} += weight * pixel(photo, at + ${l} * outer.direction);`).join('\n      ')}
    }
    ${lines
      .map(
        (l) =>
          `if (line + ${l} < outer.last) { sum += fixed_weight(outer, line + ${l}) * to_byte(line${l}); }`,
      )
      .join('\n    ')}
  }
  let color = (vec3f(to_byte(sum)) / 255.0 - vec3f(${mean.join(', ')})) / vec3f(${std.join(', ')});
  ${images.store('index', 'vec4f(color, 0)')}
}
`;
  return {
    label: 'augment',
    wgsl,
    bindings,
    workgroups: spread((batch * size * size) / threads),
    flops: 0,
  };
}

/**
 * A filter's weight unscaled, and in 22 bits after the point with the sum of all at 1; its radius
 * where nothing shrinks; and how many lines go together, so that a weight serves them all.
 */
interface Weights {
  readonly type: 'u32' | 'f32';
  readonly radius: number;
  readonly lines: number;
  readonly code: string;
}

/** 2^22 * raw / total in two long-division steps; the total stays below 2^21 up to 5000 pixels. */
const bilinear: Weights = {
  type: 'u32',
  radius: 1,
  lines: 2,
  code: `fn raw_weight(axis: Axis, i: i32) -> u32 { return u32(max(reach(axis) - steps_to(axis, i), 0)); }
fn fixed_weight(axis: Axis, i: i32) -> i32 {
  let high = raw_weight(axis, i) << 11u;
  let low = (high % axis.total) << 11u;
  let up = select(0u, 1u, low % axis.total * 2u >= axis.total);
  return i32(((high / axis.total) << 11u) + low / axis.total + up);
}
`,
};

/** Keys' cubic convolution with a = -0.5. */
const bicubic: Weights = {
  type: 'f32',
  radius: 2,
  lines: 4,
  code: `fn raw_weight(axis: Axis, i: i32) -> f32 {
  let x = f32(steps_to(axis, i)) / f32(reach(axis));
  if (x < 1) { return (1.5 * x - 2.5) * x * x + 1; }
  if (x < 2) { return (((x - 5) * x + 8) * x - 4) * -0.5; }
  return 0;
}
fn fixed_weight(axis: Axis, i: i32) -> i32 {
  let weight = raw_weight(axis, i) / axis.total * ${2 ** 22};
  return i32(weight + select(0.5, -0.5, weight < 0));
}
`,
};
