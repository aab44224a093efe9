/** Tables of figures as plain text, for terminals and for copying. */

/** Columns in line: the first `left` to the left, figures to the right. */
export function aligned(rows: readonly (readonly string[])[], left: number): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < left ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** 639_180_000 → '639.18 MB' */
export function bytesText(value: number): string {
  const [unit, name] = units.find(([size]) => value >= size) ?? [1, 'B'];
  return `${(value / unit).toFixed(unit === 1 ? 0 : 2)} ${name}`;
}

const units = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
] as const;
