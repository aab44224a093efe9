import { afterAll, describe, expect, it } from 'vitest';
import { createDecodePool } from '../../../src/data/decode-pool.ts';
import type { Interpolation } from '../../../src/data/resize/coefficients.ts';
import golden from '../../golden/decode.json' with { type: 'json' };

const pool = createDecodePool(
  () =>
    new Worker(new URL('../../../src/worker/decode.worker.ts', import.meta.url), {
      type: 'module',
    }),
  2,
);
afterAll(() => pool.close());

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const files = new Map(Object.entries(golden.files).map(([name, text]) => [name, fromBase64(text)]));

/** JPEG decoders may differ by a little; premultiplied alpha rounds once more than Pillow. */
const tolerance = (name: string) =>
  name.endsWith('.jpg') ? 3 : name === 'transparent.png' ? 1 : 0;

describe('decode', () => {
  it.each(golden.cases)(
    'reads $name as Pillow, $shorterSide px, $interpolation',
    async ({ name, shorterSide, interpolation, width, height, pixels }) => {
      const bytes = new Blob([files.get(name) ?? '']);
      const found = await pool.decode(name, bytes, shorterSide, {
        interpolation: interpolation as Interpolation,
      });
      expect([found.width, found.height]).toEqual([width, height]);
      const expected = fromBase64(pixels);
      expect(found.data.length).toBe(expected.length);
      const differences = expected.map((value, i) => Math.abs(value - (found.data[i] ?? NaN)));
      expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance(name));
    },
  );

  it.each([
    { what: 'nothing', bytes: '' },
    { what: 'half a PNG header', bytes: files.get('noise.png')?.slice(0, 20) ?? '' },
  ])('says which photo cannot be decoded: $what', async ({ bytes }) => {
    await expect(pool.decode('x/y.jpg', new Blob([bytes]), 64)).rejects.toMatchObject({
      code: 'decode-failed',
      params: { name: 'x/y.jpg' },
    });
  });

  it('says that a text is no picture, whatever its name', async () => {
    const text = new Blob(['this is no picture']);
    await expect(pool.decode('x.jpg', text, 64)).rejects.toMatchObject({
      code: 'not-an-image',
      params: { name: 'x.jpg' },
    });
  });

  it('refuses by its header what would unfold into a gigabyte', async () => {
    const bomb = files.get('noise.png')?.slice() ?? new Uint8Array();
    new DataView(bomb.buffer).setUint32(16, 16000);
    new DataView(bomb.buffer).setUint32(20, 16000);
    await expect(pool.decode('bomb.png', new Blob([bomb]), 64)).rejects.toMatchObject({
      code: 'image-too-large',
      params: { name: 'bomb.png', width: 16000, height: 16000, megapixels: 64 },
    });
  });

  it('cuts the ends off a picture that is as thin as a thread', async () => {
    const canvas = new OffscreenCanvas(3, 3000);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = 'red';
    context.fillRect(0, 0, 3, 3000);
    context.fillStyle = 'lime';
    context.fillRect(0, 1470, 3, 60);
    const found = await pool.decode('thread.png', await canvas.convertToBlob(), 8);
    expect([found.width, found.height]).toEqual([8, 128]);
    expect([...found.data.slice(0, 3)]).toEqual([0, 255, 0]);
  });

  it('reads many at once', async () => {
    const bytes = new Blob([files.get('noise.png') ?? '']);
    const decoded = await Promise.all(
      Array.from({ length: 40 }, (_, i) => pool.decode(`${i}`, bytes, 16 + (i % 3))),
    );
    expect(decoded.map(({ height }) => height)).toEqual(decoded.map((_, i) => 16 + (i % 3)));
  });

  it('reports a worker that cannot start', async () => {
    const broken = createDecodePool(
      () => new Worker(URL.createObjectURL(new Blob(['throw new Error("broken")']))),
      1,
    );
    await expect(broken.decode('a', new Blob(), 16)).rejects.toMatchObject({ code: 'worker-died' });
    broken.close();
  });
});
