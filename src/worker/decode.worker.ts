/** One of the decode pool: photo bytes in, resized RGB out, transferred and not copied. */
import { decodePicture } from '../data/decode/decode.ts';
import type { DecodeApi } from '../protocol/decode-api.ts';
import { serve } from '../protocol/rpc.ts';

declare const self: DedicatedWorkerGlobalScope;

serve<DecodeApi>(self, {
  async decode(params, { transfer }) {
    const picture = await decodePicture(params);
    transfer(picture.data.buffer);
    return picture;
  },
});
