/** One engine, ours or stock, training a head; with a device and a TF.js of its own. */
import { findCase } from '../../src/cli/bench-cases.ts';
import { chooseDevice } from '../../src/device/choose.ts';
import { backbones } from '../../src/model/backbones/index.ts';
import { serve, type Endpoint } from '../../src/protocol/rpc.ts';
import type { HeadApi } from './head-api.ts';
import { ourHead } from './head-ours.ts';
import { headPhotos } from './head-photos.ts';
import { stockHead } from './head-stock.ts';

const page: Endpoint = {
  postMessage: (message, transfer) => self.postMessage(message, { transfer }),
  addEventListener: (type, listener) => self.addEventListener(type, listener),
};

serve<HeadApi>(page, {
  async train({ engine, caseName, device: preference, photos }) {
    const bench = findCase(caseName);
    if (bench?.kind !== 'head' || !bench.job) throw new Error(`${caseName}: no head to train`);
    const { size, batch, job } = bench;
    const device = await chooseDevice(preference);
    const backbone = backbones[bench.backbone];
    const source = headPhotos(backbone.preprocessing, { size, batch, photos });
    const { epochs } = job;
    const onWasm = device.backend === 'wasm';
    const times =
      engine === 'ours'
        ? await ourHead(backbone, source, { batch, epochs, onWasm })
        : { workers: 1, ...(await stockHead(backbone, source, { batch, ...job })) };
    return { adapter: device.adapter, photos, ...times };
  },
});
