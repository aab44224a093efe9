/** Logits of batch after batch, kept on the GPU until all are read at once. */
import type { ReadRequest } from './readback.ts';

export interface Collector {
  /** Copies `count` rows behind those that are there. */
  add(encoder: GPUCommandEncoder, logits: GPUBuffer, offset: number, count: number): void;
  request(): ReadRequest[];
  clear(): void;
  destroy(): void;
}

/** Grown by blocks, so that nothing that was collected moves. */
const blockRows = 2048;

/** `stride`: floats a row. */
export function createCollector(device: GPUDevice, stride: number): Collector {
  const blocks: GPUBuffer[] = [];
  let rows = 0;
  const rowBytes = 4 * stride;
  const blockOf = (index: number): GPUBuffer => {
    const known = blocks[index];
    if (known) return known;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const block = device.createBuffer({ label: 'collected', size: blockRows * rowBytes, usage });
    blocks[index] = block;
    return block;
  };
  return {
    add(encoder, logits, offset, count) {
      for (let done = 0; done < count;) {
        const at = rows % blockRows;
        const some = Math.min(count - done, blockRows - at);
        const block = blockOf(Math.floor(rows / blockRows));
        const from = offset + done * rowBytes;
        encoder.copyBufferToBuffer(logits, from, block, at * rowBytes, some * rowBytes);
        rows += some;
        done += some;
      }
    },
    request: () =>
      blocks
        .map((buffer, i) => ({
          buffer,
          offset: 0,
          bytes: rowBytes * Math.min(blockRows, rows - i * blockRows),
        }))
        .filter(({ bytes }) => bytes > 0),
    clear() {
      rows = 0;
    },
    destroy() {
      for (const block of blocks.splice(0)) block.destroy();
    },
  };
}
