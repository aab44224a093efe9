/**
 * File names whose encoding is unknown are carried as strings of one character a byte (Latin-1):
 * IndexedDB clones 50,000 strings far faster than 50,000 byte arrays.
 */
export function rawName(bytes: Uint8Array): string {
  let name = '';
  for (const byte of bytes) name += String.fromCharCode(byte);
  return name;
}

export function rawBytes(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}
