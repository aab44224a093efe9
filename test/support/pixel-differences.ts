/** Numerical gradients of a pooling op: what a small step at each pixel does to the sum of dy * y. */

/**
 * x [1, pixels, C], dy [1, ..., C] → dx: `forward` is called once, with a batch of x that is moved
 * by `by` at one pixel in each image, up in the first half and down in the second. All channels of
 * the pixel move at once, since pooling keeps them apart. C a multiple of 4.
 */
export async function centralDifferences(
  x: Float32Array,
  channels: number,
  by: number,
  dy: Float32Array,
  forward: (moved: Float32Array, batch: number) => Promise<Float32Array>,
): Promise<Float64Array> {
  const pixels = x.length / channels;
  const moved = new Float32Array(2 * pixels * x.length);
  for (let image = 0; image < 2 * pixels; image++) {
    moved.set(x, image * x.length);
    const step = image < pixels ? by : -by;
    const at = image * x.length + (image % pixels) * channels;
    for (let c = 0; c < channels; c++) moved[at + c] = (moved[at + c] ?? NaN) + step;
  }
  const y = await forward(moved, 2 * pixels);
  const weighed = (image: number, channel: number): number => {
    let sum = 0;
    for (let i = channel; i < dy.length; i += channels) {
      sum += (dy[i] ?? NaN) * (y[image * dy.length + i] ?? NaN);
    }
    return sum;
  };
  return Float64Array.from(x, (_, i) => {
    const pixel = Math.floor(i / channels);
    const channel = i % channels;
    return (weighed(pixel, channel) - weighed(pixels + pixel, channel)) / (2 * by);
  });
}
