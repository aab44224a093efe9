/** How the rows of a map are cut. */
import { describe, expect, it } from 'vitest';
import { chunkCount, chunksFor } from '../../../src/ops/gpu/chunks.ts';

describe('chunksFor', () => {
  it('keeps the lanes busy, and gives every chunk rows worth a partial result', () => {
    expect(chunksFor(112 * 112, 8, 32, 8192)).toMatchObject({ kind: 'count', count: 1024 });
    expect(chunksFor(49, 80, 32, 8192)).toMatchObject({ count: 98 }); // 16 rows each
    expect(chunksFor(49, 512, 32, 8192)).toMatchObject({ count: 16 });
    expect(chunksFor(1, 320, 1, 8192)).toMatchObject({ count: 1 });
  });
});

describe('chunkCount', () => {
  it('is fixed for chunks by number, and follows the batch for tiles', () => {
    expect(chunkCount({ kind: 'count', count: 7, rowsPerImage: 3 }, 2)).toBe(7);
    const tiles = { kind: 'tiles', size: 16, rowsPerImage: 10 } as const;
    expect([1, 3, 5, 8].map((batch) => chunkCount(tiles, batch))).toEqual([1, 2, 4, 5]);
  });
});
