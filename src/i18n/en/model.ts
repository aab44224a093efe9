/** Step 2: what to train, how, and with which settings. */
import type { Augmentation, Precision, Strategy } from '../../protocol/run.ts';
import type { NumericSetting } from '../../protocol/run-defaults.ts';
import { formats } from '../format.ts';

const f = formats.en;

export const model = {
  title: 'Model and recipe',
  lead: 'A backbone that has already seen a million photos knows what to look for; choose how much of it should learn from yours.',
  // backbone
  backboneTitle: 'Backbone',
  backboneLoading: 'Looking up the backbones',
  backboneLeads: {
    efficientnet_lite0:
      'Small, quick and accurate: made for phones, and the right choice unless a course asks for another.',
    resnet18:
      'The one that courses and papers compare with; three times the parameters, five times the work.',
    mobilenet_v2:
      'The classic for phones, a third smaller and a fifth less work than the first, and a little less accurate.',
  },
  parameters: (count: number) => `${f.compact(count)} parameters`,
  macs: (count: number) => `${f.number(count / 1e9, 2)}\u00a0GMACs`,
  macsHelp: 'multiply-adds for one photo of 224 px',
  weightsApp: (size: string) => `ImageNet weights ship with the app, ${size}`,
  weightsFile: (name: string, size: string) => `ImageNet weights from ${name}, ${size}`,
  weightsNone: 'No ImageNet weights yet',
  weightsDrop: (backbone: string) =>
    backbone === 'efficientnet_lite0'
      ? 'Drop a .safetensors or .pth file for this backbone here.'
      : `Drop torchvision’s ${backbone} .safetensors or .pth here: Graft has no server to fetch it from.`,
  weightsPick: 'Choose a weights file',
  weightsChecking: 'Checking names and shapes',
  weightsRemove: 'Remove these weights',
  weightsNotNeeded: 'Training from scratch does not need them.',
  // strategy
  strategyTitle: 'What learns',
  strategies: {
    head: {
      title: 'Only the last layer',
      when: 'Right for few photos (up to some hundred a class) of everyday things, and always the first thing to try.',
      cost: 'Quick: each photo goes through the backbone once, then an epoch costs almost nothing.',
    },
    all: {
      title: 'All layers',
      when: 'Right when the last layer alone is not enough: more photos, or ones unlike everyday photos, such as X-rays or drawings.',
      cost: 'Slow: every epoch runs the whole network forwards and backwards; on a CPU that is minutes an epoch.',
    },
    scratch: {
      title: 'From scratch',
      when: 'Right for seeing what pretraining is worth; with fewer than tens of thousands of photos it stays far behind.',
      cost: 'Slow like all layers, and it needs many more epochs.',
    },
  } satisfies Record<Strategy, { title: string; when: string; cost: string }>,
  // settings
  settingsTitle: 'Settings',
  advanced: 'Advanced settings',
  advancedChanged: (count: number) =>
    count === 0
      ? 'all at their defaults'
      : `${f.number(count)} changed from ${count === 1 ? 'its default' : 'their defaults'}`,
  reset: 'Back to the defaults',
  settings: {
    epochs: { label: 'Epochs', help: 'How often every photo is seen. The best epoch is kept.' },
    batchSize: {
      label: 'Batch size',
      help: 'Photos for each step. Halve it when memory runs out.',
    },
    learningRate: {
      label: 'Learning rate',
      help: 'How far each step goes (Adam). Too high diverges, too low never arrives.',
    },
    imageSize: {
      label: 'Image size, px',
      help: 'The side of the square that the network sees. Half the size is four times as fast.',
    },
    views: {
      label: 'Views of each photo',
      help: 'Last layer only: how many augmented versions of each photo are prepared.',
    },
    seed: { label: 'Seed', help: 'The same seed and settings give the same run.' },
    numWorkers: {
      label: 'Decode workers',
      help: 'Background threads that open photos; as many as the processor has cores, up to four.',
    },
  } satisfies Record<NumericSetting, { label: string; help: string }>,
  augment: {
    label: 'Augmentation',
    help: 'Random crops and flips make few photos count for more.',
    options: {
      course: 'Random crop and flip',
      none: 'None',
    } satisfies Record<Augmentation, string>,
  },
  precision: {
    label: 'Precision in GPU memory',
    help: 'Half precision takes half the memory when a GPU trains all layers. One step of ResNet-18 then differs from full precision by 0.1 % in its loss and up to 3 % in its gradients.',
    options: {
      full: 'Full, 32 bits',
      half: 'Half, 16 bits',
    } satisfies Record<Precision, string>,
  },
  defaultIs: (value: string) => `Default ${value}.`,
  wanted: (whole: boolean, min: string, max: string) =>
    `Enter a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`,
  // start
  start: 'Start training',
  startSummary: (strategy: string, photos: number, epochs: number) =>
    `${strategy}, ${f.number(photos)} training photos, ${f.number(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'}`,
  blockedData: 'Load photos first, in step 1.',
  blockedImporting: 'Wait until the photos are read.',
  blockedWeights: (backbone: string) =>
    `Add the weights of ${backbone} first, or train from scratch.`,
  blockedSettings: (names: string) => `Correct ${names} first.`,
  blockedRunning: 'A run is training already; it is on step 3.',
  blockedDevice: 'Still looking for a device to compute on.',
  blockedNoDevice: 'No device to compute on: see the chip at the top of the page.',
  toData: 'Go to Data',
};
