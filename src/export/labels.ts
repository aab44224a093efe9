/** `labels.json`: index → class, as `{"0": "…"}`, in the order of the model's outputs. */
export function labelsJson(classes: readonly string[]): string {
  return toJson(Object.fromEntries(classes.map((name, index) => [String(index), name])));
}

/** Readable in any editor: indented, and names in their own letters. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
