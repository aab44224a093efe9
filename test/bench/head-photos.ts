/** Made-up photos as the decode pool delivers them, a class a photo, the same for both engines. */
import type { Picture } from '../../src/data/data-loader.ts';
import { evalTransform } from '../../src/data/transforms/presets.ts';
import type { Preprocessing } from '../../src/protocol/backbone.ts';
import type { Batch, PhotoSource } from '../../src/train/trainer.ts';
import { preprocessingFor } from '../../src/worker/photo-source.ts';
import { noisePicture } from '../support/noise.ts';
import { classes } from './workload.ts';

const different = 64; // pictures; the network takes each photo anew

export function headPhotos(
  base: Preprocessing,
  options: { size: number; batch: number; photos: number },
): PhotoSource {
  const { size, batch, photos } = options;
  const preprocessing = preprocessingFor(base, size);
  const { resize } = preprocessing;
  const pictures = Array.from({ length: different }, (_, n) => noisePicture([resize, resize], n));
  const picture = (id: number): Picture => {
    const { width, height, data } = pictures[id % different] ?? noisePicture([resize, resize], id);
    return { id, label: id % classes, width, height, data };
  };

  async function* batches(): AsyncGenerator<Batch> {
    for (let from = 0; from < photos; from += batch) {
      const ids = Array.from({ length: Math.min(batch, photos - from) }, (_, n) => from + n);
      const taken = ids.map(picture);
      const inputs = evalTransform(taken, size, preprocessing);
      const labels = Int32Array.from(taken, ({ label }) => label);
      yield await Promise.resolve({ ids, labels, inputs });
    }
  }

  return {
    imageSize: size,
    trainCount: photos,
    valCount: 0,
    trainBatches: batches,
    async *viewBatches() {
      for await (const one of batches()) yield { ...one, view: 0 };
    },
    async *valBatches() {},
  };
}
