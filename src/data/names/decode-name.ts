/** A stored name as text. */
import type { NameEncoding } from '../../protocol/dataset.ts';
import type { EntryRecord } from '../../protocol/entry-table.ts';
import { decodeCp437 } from './cp437.ts';
import { rawBytes } from './raw-name.ts';

const decoders = new Map<NameEncoding, TextDecoder>();

/**
 * Bytes that `encoding` does not have become U+FFFD: a name that someone asked to see in the wrong
 * encoding is still shown. The text is NFC: macOS writes é as two characters, others as one.
 */
export function decodeName(
  entry: Pick<EntryRecord, 'name' | 'raw'>,
  encoding: NameEncoding,
): string {
  return (entry.raw ? decodeBytes(rawBytes(entry.name), encoding) : entry.name).normalize('NFC');
}

function decodeBytes(bytes: Uint8Array, encoding: NameEncoding): string {
  if (encoding === 'cp437') return decodeCp437(bytes);
  let decoder = decoders.get(encoding);
  if (!decoder) {
    decoder = new TextDecoder(encoding);
    decoders.set(encoding, decoder);
  }
  return decoder.decode(bytes);
}
