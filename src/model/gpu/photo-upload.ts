/**
 * Photos on their way to a batch: their bytes and what is to be taken of each are uploaded, and one
 * dispatch crops, resizes, flips and normalizes them all into the batch's pictures.
 */
import {
  augment,
  photoBytes,
  photoRecords,
  recordSize,
  type CroppedPhoto,
  type PlacedPhoto,
} from '../../ops/augment/augment.wgsl.ts';
import { bind, pipelineOf, type Prepared } from '../../ops/gpu/executor.ts';
import type { NetworkMemory } from './memory.ts';
import type { PlanOptions } from './step-plan.ts';

export interface PhotoUpload {
  /** The dispatch that makes the pictures, to be run before the step. */
  upload(photos: readonly CroppedPhoto[]): Prepared;
  destroy(): void;
}

export async function createPhotoUpload(
  device: GPUDevice,
  { backbone, batch, size, storage = 'f32' }: PlanOptions,
  memory: NetworkMemory,
  uniforms: GPUBuffer,
): Promise<PhotoUpload> {
  const { mean, std, interpolation } = backbone.preprocessing;
  const program = augment({ batch, size, interpolation, mean, std, storage });
  const pipeline = await pipelineOf(device, program);
  const image = memory.region('image');
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const create = (label: string, bytes: number) =>
    device.createBuffer({ label, size: bytes, usage });
  const records = create('photo records', batch * recordSize * 4);
  let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let photosBuffer: GPUBuffer | null = null;
  let prepared: Prepared | null = null;

  /** Room for so many bytes and some more, so that it is soon large enough for good. */
  const makeRoom = (needed: number): Prepared => {
    if (prepared !== null && needed <= bytes.length) return prepared;
    photosBuffer?.destroy();
    bytes = new Uint8Array(Math.ceil((needed * 1.5) / 256) * 256);
    photosBuffer = create('photos', bytes.length);
    const views = [photosBuffer, records, image].map((buffer) => ({
      buffer,
      offset: 0,
      size: buffer.size,
    }));
    prepared = bind(device, { program, views }, pipeline, uniforms);
    return prepared;
  };

  return {
    upload(photos) {
      const needed = photos.reduce((sum, photo) => sum + photoBytes(photo), 0);
      const dispatch = makeRoom(needed);
      const placed: PlacedPhoto[] = [];
      let offset = 0;
      for (const photo of photos) {
        bytes.set(photo.data, offset);
        placed.push({ ...photo, offset });
        offset += photoBytes(photo);
      }
      if (photosBuffer !== null) device.queue.writeBuffer(photosBuffer, 0, bytes, 0, needed);
      device.queue.writeBuffer(records, 0, photoRecords(placed));
      return dispatch;
    },
    destroy() {
      photosBuffer?.destroy();
      records.destroy();
    },
  };
}
