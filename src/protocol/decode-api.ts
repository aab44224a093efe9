/** Trainer worker (or import worker) → decode worker. */
import type { Preprocessing } from './backbone.ts';

export interface DecodedPicture {
  width: number;
  height: number;
  data: Uint8Array; // RGB, row by row, [height, width, 3]; its buffer is transferred
}

export interface DecodeParams {
  name: string;
  bytes: Blob;
  shorterSide: number;
  interpolation: Preprocessing['interpolation'];
}

export interface DecodeApi {
  /** Decodes, turns by EXIF, puts alpha over white, and resizes the shorter side to `shorterSide`. */
  decode: { params: DecodeParams; result: DecodedPicture; event: never };
}
