/** Reading buffers back: all that is asked for in one submit and one mapping. */
import { align } from './tensors.ts';

export interface ReadRequest {
  readonly buffer: GPUBuffer;
  readonly offset: number; // bytes
  readonly bytes: number; // a multiple of 4
}

/** For what is read again and again: its staging buffer stays. */
export interface Reader {
  read(requests: readonly ReadRequest[]): Promise<Float32Array[]>;
  destroy(): void;
}

export function createReader(device: GPUDevice): Reader {
  let staging: GPUBuffer | null = null;
  let turn: Promise<unknown> = Promise.resolve(); // a mapped buffer cannot be copied to
  const read = async (requests: readonly ReadRequest[]): Promise<Float32Array[]> => {
    const total = totalOf(requests);
    if (staging === null || staging.size < total) {
      staging?.destroy();
      staging = createStaging(device, align(total));
    }
    const values = await copyAndMap(device, staging, requests);
    staging.unmap();
    return values;
  };
  return {
    read(requests) {
      const mine = turn.then(() => read(requests));
      turn = mine.catch(() => undefined);
      return mine;
    },
    destroy() {
      staging?.destroy();
      staging = null;
    },
  };
}

/** Once: a large staging buffer is given back at once. */
export async function readBack(
  device: GPUDevice,
  requests: readonly ReadRequest[],
): Promise<Float32Array[]> {
  const staging = createStaging(device, totalOf(requests));
  try {
    return await copyAndMap(device, staging, requests);
  } finally {
    staging.destroy();
  }
}

function totalOf(requests: readonly ReadRequest[]): number {
  return requests.reduce((sum, { bytes }) => sum + bytes, 0);
}

function createStaging(device: GPUDevice, size: number): GPUBuffer {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  return device.createBuffer({ label: 'read-back', size, usage });
}

async function copyAndMap(
  device: GPUDevice,
  staging: GPUBuffer,
  requests: readonly ReadRequest[],
): Promise<Float32Array[]> {
  const encoder = device.createCommandEncoder();
  let at = 0;
  for (const { buffer, offset, bytes } of requests) {
    encoder.copyBufferToBuffer(buffer, offset, staging, at, bytes);
    at += bytes;
  }
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const all = staging.getMappedRange();
  at = 0;
  return requests.map(({ bytes }) => {
    const values = new Float32Array(all.slice(at, at + bytes));
    at += bytes;
    return values;
  });
}
