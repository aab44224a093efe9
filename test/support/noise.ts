/** The noise pictures of test/golden/noise.py: a linear congruential generator's top bytes. */
export function noise(width: number, height: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The same as a picture. */
export function noisePicture([width, height]: readonly number[], seed: number) {
  if (width === undefined || height === undefined) throw new Error('a size has two numbers');
  return { width, height, data: noise(width, height, seed) };
}
