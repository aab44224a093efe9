/**
 * Sums over the rows of a map [rows, C4] in two stages: each of several chunks gives a partial
 * result, a second dispatch merges them. How the rows are cut follows from the batch at run time,
 * so that pipelines serve any batch.
 */

/** `rowsPerImage` rows an image, in `count` equal chunks or in tiles of `size` rows. */
export type Chunks =
  | { readonly kind: 'count'; readonly count: number; readonly rowsPerImage: number }
  | { readonly kind: 'tiles'; readonly size: number; readonly rowsPerImage: number };

/** For a map of [N, `rowsPerImage`, C4]: as many chunks as keep `invocations` lanes busy. */
export function chunksFor(
  rowsPerImage: number,
  c4: number,
  batch: number,
  invocations: number,
): Chunks {
  const rows = rowsPerImage * batch;
  const mostUseful = Math.max(1, Math.ceil(rows / 16)); // fewer rows each are not worth a partial
  const count = Math.max(1, Math.min(mostUseful, Math.ceil(invocations / c4), 1024));
  return { kind: 'count', count, rowsPerImage };
}

export function chunkCount(chunks: Chunks, batch: number): number {
  return chunks.kind === 'count'
    ? chunks.count
    : Math.ceil((batch * chunks.rowsPerImage) / chunks.size);
}

/** WGSL: `rows`, `chunkRows` (rows a chunk) and `chunks`, of the batch at hand. */
export function chunkLets(chunks: Chunks): string {
  const rows = `let rows = step.batch * ${chunks.rowsPerImage}u;`;
  if (chunks.kind === 'count') {
    return `${rows}
  let chunks = ${chunks.count}u;
  let chunkRows = (rows + ${chunks.count - 1}u) / ${chunks.count}u;`;
  }
  return `${rows}
  let chunkRows = ${chunks.size}u;
  let chunks = (rows + ${chunks.size - 1}u) / ${chunks.size}u;`;
}
