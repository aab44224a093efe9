/** backbones.*: what can be fine-tuned, and the pretrained weights a person gave for it. */
import { backbones } from '../model/backbones/index.ts';
import type { Backbone } from '../model/graph.ts';
import { countMacs, countParameters } from '../model/trace.ts';
import { readWeightsFile } from '../model/weights/load.ts';
import { shippedFile } from '../model/weights/shipped.ts';
import type { BackboneInfo } from '../protocol/backbone.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import { currentWeights, forgetCurrent, pruneWeights, putWeights } from '../storage/backbones.ts';
import { backboneWeightsInUse } from '../storage/checkpoints.ts';

type BackboneHandlers = Pick<
  Handlers<TrainerApi>,
  'backbones.list' | 'backbones.addWeights' | 'backbones.deleteWeights'
>;

export function backboneHandlers(): BackboneHandlers {
  return {
    'backbones.list': () => Promise.all(Object.values(backbones).map(describe)),

    async 'backbones.addWeights'({ backbone: name, file }) {
      const backbone = backbones[name];
      const state = await readWeightsFile(file, backbone);
      const id = await sha256(file);
      const { name: fileName, size: bytes } = file;
      await putWeights({ version: 1, id, backbone: name, fileName, bytes }, state);
      await pruneWeights(await backboneWeightsInUse());
      return describe(backbone);
    },

    async 'backbones.deleteWeights'({ backbone: name }) {
      await forgetCurrent(name);
      await pruneWeights(await backboneWeightsInUse());
      return describe(backbones[name]);
    },
  };
}

async function describe(backbone: Backbone): Promise<BackboneInfo> {
  const { name, title, featureDim } = backbone;
  return {
    name,
    title,
    parameters: countParameters(backbone),
    macs: countMacs(backbone, 224),
    features: featureDim,
    weights: await weightsOf(backbone),
  };
}

async function weightsOf({ name }: Backbone): Promise<BackboneInfo['weights']> {
  const own = await currentWeights(name);
  if (own) return { source: 'file', fileName: own.fileName, bytes: own.bytes };
  const shipped = shippedFile(name);
  return shipped ? { source: 'app', bytes: shipped.bytes } : { source: 'none' };
}

async function sha256(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
