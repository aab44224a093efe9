/**
 * The geometry of a sliding window over [N, H, W, C]: kernel, stride and the padding on each side,
 * already resolved for one input size. Output size as in PyTorch: floor((in + pads - k) / s) + 1.
 */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly inSize: readonly [number, number]; // H, W
  readonly outSize: readonly [number, number];
  readonly before: readonly [number, number]; // padding at the top, at the left
  readonly after: readonly [number, number]; // at the bottom, at the right
}

export type WindowPadding = { mode: 'symmetric'; size: number } | { mode: 'same' };

export function resolveWindow(
  [height, width]: readonly [number, number],
  spec: { kernel: number; stride: number; padding: WindowPadding },
): Window {
  const { kernel, stride, padding } = spec;
  const side = (size: number): [out: number, before: number, after: number] => {
    if (padding.mode === 'symmetric') {
      const pad = padding.size;
      return [Math.floor((size + 2 * pad - kernel) / stride) + 1, pad, pad];
    }
    // TensorFlow's SAME: ceil(in / stride) outputs, the odd pixel of padding after.
    const out = Math.ceil(size / stride);
    const total = Math.max((out - 1) * stride + kernel - size, 0);
    return [out, Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const [outH, top, bottom] = side(height);
  const [outW, left, right] = side(width);
  return {
    kernel,
    stride,
    inSize: [height, width],
    outSize: [outH, outW],
    before: [top, left],
    after: [bottom, right],
  };
}
