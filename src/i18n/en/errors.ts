/** One sentence for every failure and every skipped file: what was expected, found, and to do. */
import type { ErrorCode, ErrorParams } from '../../protocol/errors.ts';
import type { SkipReason } from '../../protocol/dataset.ts';
import { formats } from '../format.ts';
import { halfBatch, smallerSizes } from '../less-memory.ts';
import { counted } from './common.ts';

const f = formats.en;

const sentences = {
  'not-a-zip': ({ name }) =>
    `“${name}” is not a zip file. Pack the class folders into a .zip, or choose the folder itself.`,
  'zip-truncated': ({ name }) =>
    `“${name}” ends too early: the download or the copy was cut short. Get the file once more.`,
  'zip-encrypted': ({ name }) =>
    `“${name}” is protected with a password. Unpack it, then choose the unpacked folder.`,
  'zip-unsupported': ({ name, detail }) =>
    `“${name}” uses a part of the zip format that Graft cannot read (${detail}). Pack it again as an ordinary .zip.`,
  'no-images': ({ name, entries }) =>
    entries === 0
      ? `“${name}” is empty. Graft expects one folder of photos for each class.`
      : `“${name}” holds ${counted(entries, 'file')} and no photo. Graft expects one folder of photos (JPEG, PNG, WebP …) for each class.`,
  'no-valid-images': ({ name, skipped, first }) =>
    `None of the ${counted(skipped, 'picture')} in “${name}” could be read, for example “${first}”. Check that they open on this computer.`,
  'no-class-folders': ({ name, images }) =>
    `“${name}” holds ${counted(images, 'photo')}, but not in folders. Put the photos of each class into a folder with the name of the class.`,
  'one-class': ({ name, className }) =>
    `“${name}” has only one class, “${className}”. Telling things apart needs at least two class folders.`,
  'too-few-photos': ({ className, found, needed }) =>
    `Class “${className}” has ${counted(found, 'photo')}; it needs at least ${f.number(needed)}, to train on some and to validate on others. Add photos or remove the folder.`,
  'no-train-split': ({ name, found }) =>
    `“${name}” has ${found} but no folder to train on. Add a “train” folder, or leave only the class folders and Graft splits them itself.`,
  'not-an-image': ({ name }) =>
    `“${name}” is not a picture, whatever its name says. Choose a JPEG, PNG or WebP.`,
  'decode-failed': ({ name, detail }) =>
    `The browser could not open “${name}” (${detail}). Save it again as JPEG or PNG.`,
  'image-too-large': ({ name, width, height, megapixels }) =>
    `“${name}” has ${f.number(width)} × ${f.number(height)} pixels; the limit is ${f.number(megapixels)} megapixels. Make it smaller first.`,
  'quota-exceeded': ({ neededBytes }) =>
    neededBytes > 0
      ? `The browser refused to keep another ${f.bytes(neededBytes)}: its storage is full. Delete a dataset or a run that you no longer need.`
      : 'The browser’s storage is full. Delete a dataset or a run that you no longer need, then try again.',
  'storage-unavailable': ({ detail }) =>
    `The browser does not let this page store anything (${detail}). Leave private browsing, or allow site data for this page.`,
  'dataset-not-found': () =>
    'The dataset is no longer in this browser. Load its zip or folder again.',
  'run-not-found': () => 'The run is no longer in this browser; it was deleted.',
  'checkpoint-not-found': () => 'The run has no checkpoint to go on from. Start it again.',
  'weights-missing': ({ backbone }) =>
    `${backbone} needs its ImageNet weights and has none yet. Add the weights file on the Model step, or train from scratch.`,
  'weights-format': ({ name, detail }) =>
    `“${name}” is not a weights file that Graft can read (${detail}). It takes .safetensors, and .pth files saved by PyTorch 1.6 or later.`,
  'weights-mismatch': ({ backbone, missing, unexpected, wrongShape }) =>
    `These weights do not fit ${backbone}: ${[
      missing && `missing ${missing}`,
      unexpected && `unexpected ${unexpected}`,
      wrongShape && `another shape in ${wrongShape}`,
    ]
      .filter(Boolean)
      .join('; ')}. Choose the file made for this backbone.`,
  'webgpu-unavailable': ({ reason }) =>
    `WebGPU was asked for but cannot be used here (${reason}). Open the page without “device=webgpu” to run on the CPU.`,
  'profile-needs-webgpu': ({ found }) =>
    `A profile is made of what a GPU does, and this page computes on ${found}. Open it with “device=webgpu” in its address to have one.`,
  'backend-changed': ({ expected, found }) =>
    `Computing was to run on ${expected} but ended up on ${found}; it was stopped rather than left to crawl. Reload the page.`,
  'device-lost': ({ detail }) =>
    `The GPU stopped working (${detail}). Reload the page; the last finished epoch is kept.`,
  'out-of-memory': ({ batchSize, imageSize }) => {
    const half = halfBatch(batchSize);
    const sizes = smallerSizes(imageSize);
    const tries = [half && `batch size ${f.number(half)}`, sizes && `images of ${sizes} px`];
    const what = tries.filter(Boolean).join(' or ');
    return `The device ran out of memory at batch size ${f.number(batchSize)} and ${f.number(imageSize)} px. ${what ? `Try ${what}.` : 'Close other tabs and programs, then try again.'}`;
  },
  'invalid-config': ({ field, found, expected }) =>
    `The setting “${field}” is ${found}; it should be ${expected}.`,
  diverged: ({ epoch, learningRate }) =>
    `The loss stopped being a number in epoch ${f.number(epoch)}: the learning rate ${String(learningRate)} is too high. Try a tenth of it.`,
  busy: () => 'A run is already training. Wait until it ends, or stop it first.',
  cancelled: () => 'Cancelled. Nothing was kept of it.',
  'worker-died': ({ worker, detail }) =>
    `The background process “${worker}” stopped (${detail || 'no reason given'}), most often for lack of memory. Try again; if it repeats, close other tabs or use smaller images.`,
  'protocol-mismatch': ({ expected, found }) =>
    `Two versions of the app met (${f.number(expected)} and ${found}). Reload the page.`,
  internal: ({ detail }) =>
    `Something happened that should not: ${detail}. Try again; if it repeats, please report it with this text.`,
} satisfies { [C in ErrorCode]: (params: ErrorParams[C]) => string };

const skips = {
  litter: 'left behind by a system (such as __MACOSX or Thumbs.db), not a photo',
  'not-an-image': 'not a picture by its name',
  'text-named-image': 'named like a picture, but holds something else',
  'unsupported-format': 'a picture format that browsers cannot open; save it as JPEG or PNG',
  empty: 'an empty file',
  damaged: 'damaged: its checksum is wrong or it ends too early',
  undecodable: 'the browser could not decode it',
  'too-large': 'too large; make it smaller first',
  encrypted: 'protected with a password',
  'outside-class-folder': 'not inside a class folder',
  'unsafe-name': 'its path points outside the archive',
  'duplicate-name': 'another file has the same path',
} satisfies Record<SkipReason, string>;

export const errors = { sentences, skips };
