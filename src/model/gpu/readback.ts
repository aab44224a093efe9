/** Reading buffers back: all that is asked for in one submit and one mapping. */

export interface ReadRequest {
  readonly buffer: GPUBuffer;
  readonly offset: number; // bytes
  readonly bytes: number; // a multiple of 4
}

export async function readBack(
  device: GPUDevice,
  requests: readonly ReadRequest[],
): Promise<Float32Array[]> {
  const total = requests.reduce((sum, { bytes }) => sum + bytes, 0);
  const staging = device.createBuffer({
    label: 'read-back',
    size: total,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
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
  } finally {
    staging.destroy();
  }
}
