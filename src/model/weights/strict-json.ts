/**
 * JSON whose objects name no key twice. `JSON.parse` lets the last one win in silence, which would
 * let one tensor hide behind another's name; safetensors forbids it ("Duplicate keys are
 * disallowed", format description in huggingface/safetensors).
 */

/** Throws a SyntaxError for what `JSON.parse` refuses, and for a key that stands twice. */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const duplicate = findDuplicateKey(text);
  if (duplicate !== null) throw new SyntaxError(`the key "${duplicate}" stands twice`);
  return value;
}

/** Walks the tokens of a valid JSON text; a string before a colon is a key. */
function findDuplicateKey(text: string): string | null {
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const key = String(JSON.parse(token.slice(0, -colon.length))); // "a" is "\u0061"
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}
