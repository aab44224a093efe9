/**
 * One encoding for all the names of an archive that do not say theirs. Naive Bayes: each encoding
 * cuts the bytes into its own characters, and the one under which the names are likeliest wins.
 * The idea is that of Mozilla's detectors (S. Li and K. Momoi, "A composite approach to language/
 * encoding detection", 2001): coding scheme and character distribution together.
 */
import { nameEncodings, type NameEncoding } from '../../protocol/dataset.ts';
import { decodeCp437 } from './cp437.ts';
import { accented, anyScript, hangul, hanzi, japanese, type Rank } from './frequency.ts';
import { rawBytes } from './raw-name.ts';

/** Before any name is looked at. Few byte sequences are UTF-8 by accident, hence its lead. */
const priors: Record<NameEncoding, number> = {
  'utf-8': 20,
  gb18030: 0.5,
  shift_jis: 0.2,
  'euc-kr': 0.15,
  cp437: 0.15,
};

/** A byte that the encoding does not have: worse than any character, yet one torn name decides nothing. */
const invalid = 1e-12;
const enoughSegments = 2000;

/** `names`: one character a byte (`raw-name.ts`). All ASCII: 'utf-8'. */
export function guessEncoding(names: Iterable<string>): NameEncoding {
  const segments = distinctSegments(names);
  let best: NameEncoding = 'utf-8';
  let bestScore = -Infinity;
  for (const encoding of nameEncodings) {
    let score = Math.log(priors[encoding]);
    for (const bytes of segments) score += logLikelihood(bytes, encoding);
    if (score > bestScore) [best, bestScore] = [encoding, score];
  }
  return best;
}

/** A class folder's name comes with each of its files, and is still one observation. */
function distinctSegments(names: Iterable<string>): Uint8Array[] {
  const segments = new Set<string>();
  for (const name of names) {
    for (const segment of name.split('/')) {
      if (/[^\0-\x7f]/.test(segment)) segments.add(segment);
    }
    if (segments.size >= enoughSegments) break;
  }
  return [...segments].map(rawBytes);
}

/**
 * Scripts change seldom inside a word: an ideograph that touches a Latin letter is what the second
 * half of "Flügel" looks like. Accented letters stand alone among plain ones.
 */
const scriptChange = 0.1;
const accentBesideAccent = 0.05;

function logLikelihood(bytes: Uint8Array, encoding: NameEncoding): number {
  let sum = 0;
  let plainBefore = 0; // where the last ASCII character ended: a second byte may look like one
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      sum += Math.log(ascii(first));
      at += 1;
      plainBefore = at;
      continue;
    }
    const { length, probability } = character(bytes, at, encoding);
    sum += Math.log(probability);
    const [before = 0, after = 0] = [bytes[at - 1], bytes[at + length]];
    if (encoding === 'cp437') {
      if (before >= 0x80) sum += Math.log(accentBesideAccent);
    } else if (encoding !== 'utf-8') {
      const previousIsPlain = plainBefore === at;
      if (previousIsPlain && isLetter(before)) sum += Math.log(scriptChange);
      if (isLetter(after)) sum += Math.log(scriptChange);
    }
    at += length;
  }
  return sum;
}

/** ASCII counts alike everywhere; it matters where an encoding takes it as a second byte. */
function ascii(byte: number): number {
  if (isLetter(byte)) return byte & 0x20 ? 0.02 : 0.008;
  return byte >= 0x30 && byte <= 0x39 ? 0.01 : 0.003;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

interface Character {
  length: number; // bytes
  probability: number;
}

function character(bytes: Uint8Array, at: number, encoding: NameEncoding): Character {
  if (encoding === 'cp437') {
    return { length: 1, probability: accented(decodeCp437(bytes.subarray(at, at + 1))) };
  }
  const length = lengthOf(bytes, at, encoding);
  const text = decode(bytes.subarray(at, at + length), encoding);
  if (text === null) return { length: 1, probability: invalid };
  return { length, probability: likelihood(text, bytes, at, encoding) };
}

function lengthOf(bytes: Uint8Array, at: number, encoding: Exclude<NameEncoding, 'cp437'>): number {
  const first = bytes[at] ?? 0;
  switch (encoding) {
    case 'utf-8':
      return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    case 'gb18030': {
      const second = bytes[at + 1] ?? 0;
      return second >= 0x30 && second <= 0x39 ? 4 : 2;
    }
    case 'shift_jis':
      return first >= 0xa0 && first <= 0xdf ? 1 : 2;
    case 'euc-kr':
      return 2;
  }
}

function likelihood(
  text: string,
  bytes: Uint8Array,
  at: number,
  encoding: Exclude<NameEncoding, 'cp437'>,
): number {
  const lead = bytes[at] ?? 0;
  const trail = bytes[at + 1] ?? 0;
  switch (encoding) {
    case 'utf-8':
      return anyScript(text);
    case 'gb18030':
      return hanzi(text, trail < 0xa1 ? 'rare' : rank(lead, 0xb0, 0xd7, 0xf7));
    case 'shift_jis': {
      // Level 1 ends within row 0x98.
      const late = lead === 0x98 && trail >= 0x9f;
      return japanese(text, late ? 'level2' : rank(lead, 0x88, 0x98, 0xea));
    }
    case 'euc-kr':
      return hangul(text, trail < 0xa1 ? 'rare' : rank(lead, 0xb0, 0xc8, 0xfd));
  }
}

/** By the lead byte: the national standards list their characters by level. */
function rank(lead: number, level1: number, level1End: number, level2End: number): Rank {
  if (lead < level1 || lead > level2End) return 'rare';
  return lead <= level1End ? 'level1' : 'level2';
}

const decoders = new Map<string, TextDecoder>();

function decode(bytes: Uint8Array, encoding: string): string | null {
  let decoder = decoders.get(encoding);
  if (!decoder) {
    decoder = new TextDecoder(encoding, { fatal: true });
    decoders.set(encoding, decoder);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
