/** A file read front to back in large slices, so that a zip of any size needs a few MB of memory. */
const windowBytes = 8 * 2 ** 20;

export class FileWindow {
  readonly #file: Blob;
  readonly #size: number;
  #start = 0;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(file: Blob, size = windowBytes) {
    this.#file = file;
    this.#size = size;
  }

  /** What the window holds from `offset` on: `need` bytes at least, unless the file ends first. */
  async from(offset: number, need = 1): Promise<Uint8Array<ArrayBuffer>> {
    const inside = offset >= this.#start && offset + need <= this.#start + this.#bytes.length;
    if (!inside) {
      const slice = this.#file.slice(offset, offset + Math.max(this.#size, need));
      this.#bytes = new Uint8Array(await slice.arrayBuffer());
      this.#start = offset;
    }
    return this.#bytes.subarray(offset - this.#start);
  }
}
