/** Trainer worker (or import worker) → decode worker. */
export interface DecodedPicture {
  width: number;
  height: number;
  data: Uint8Array; // RGB, row by row, [height, width, 3]; its buffer is transferred
}

export interface DecodeApi {
  /** Decodes, turns by EXIF, puts alpha over white, and resizes the shorter side to `shorterSide`. */
  decode: {
    params: { name: string; bytes: Blob; shorterSide: number };
    result: DecodedPicture;
    event: never;
  };
}
