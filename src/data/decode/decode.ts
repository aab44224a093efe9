/**
 * Bytes of a photo → RGB with the shorter side at the recipe's size, as PIL and torchvision would
 * read it: turned by EXIF, colour profile ignored, alpha over white, `Resize` with Pillow's
 * antialias. The browser decodes; everything after that is our own arithmetic.
 */
import type { DecodedPicture, DecodeParams } from '../../protocol/decode-api.ts';
import { AppError } from '../../protocol/errors.ts';
import { maxPhotoPixels, pictureSize, sniff } from '../image-folder/sniff.ts';
import { centerOfThin, resizedSize } from '../resize/geometry.ts';
import { resampleParts } from '../resize/resample-parts.ts';
import type { Raster, Region } from '../resize/resample.ts';

/** Created once a worker: `alpha: false` makes white the ground that transparent pixels show. */
let context: OffscreenCanvasRenderingContext2D | null = null;

export async function decodePicture({
  name,
  bytes,
  shorterSide,
  interpolation,
}: DecodeParams): Promise<DecodedPicture> {
  await checkHeader(name, bytes);
  const bitmap = await toBitmap(name, bytes);
  try {
    const region = centerOfThin(bitmap);
    const size = resizedSize(region, shorterSide);
    const data = resampleParts(region, size, interpolation, (part) =>
      readPixels(bitmap, { ...part, top: region.top + part.top, left: region.left + part.left }),
    );
    return { ...size, data };
  } finally {
    bitmap.close();
  }
}

/**
 * Before any decoder sees the bytes: 31 kB may unfold into a gigabyte. What is wrong in another way
 * is left for the browser to say.
 */
async function checkHeader(name: string, photo: Blob): Promise<void> {
  const bytes = new Uint8Array(await photo.arrayBuffer());
  const found = sniff(bytes);
  if (!('skipped' in found)) return;
  if (found.skipped === 'text-named-image') throw new AppError('not-an-image', { name });
  if (found.skipped === 'too-large') {
    const { width, height } = pictureSize(bytes) ?? { width: 0, height: 0 };
    throw new AppError('image-too-large', {
      name,
      width,
      height,
      megapixels: maxPhotoPixels / 1e6,
    });
  }
}

async function toBitmap(name: string, bytes: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(bytes, {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AppError('decode-failed', { name, detail }, { cause: error });
  }
}

function readPixels(bitmap: ImageBitmap, { top, left, width, height }: Region): Raster {
  context ??= new OffscreenCanvas(1, 1).getContext('2d', {
    alpha: false,
    willReadFrequently: true, // pixels stay in main memory: no trip to the GPU and back
  });
  if (!context) throw new AppError('internal', { detail: 'no 2d canvas' });
  const { canvas } = context;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, left, top, width, height, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { data, width, height, channels: 4 };
}
