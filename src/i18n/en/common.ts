/** Words of the frame: header, steps, and the parts that every screen shares. */
import { formats } from '../format.ts';

const f = formats.en;

/** '1 photo', '320 photos' */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${f.number(count)} ${count === 1 ? one : many}`;

export const common = {
  documentTitle: 'Graft: fine-tune image classifiers in your browser',
  skipToContent: 'Skip to content',
  // steps
  steps: 'Steps',
  data: 'Data',
  model: 'Model',
  train: 'Train',
  evaluate: 'Evaluate',
  use: 'Use',
  stepDone: 'done',
  stepRunning: 'running',
  stepReady: 'ready',
  stepBlocked: 'not yet',
  stepFailed: 'failed',
  noData: 'no photos yet',
  importing: (done: number, total: number) =>
    total > 0 ? `reading ${f.number(done)} of ${f.number(total)}` : 'reading',
  dataNote: (name: string, classes: number, photos: number) =>
    `${name} · ${counted(classes, 'class', 'classes')} · ${f.number(photos)}`,
  modelNote: (backbone: string, strategy: string) => `${backbone} · ${strategy}`,
  modelNoWeights: 'weights missing',
  modelWrongSettings: 'a setting needs a look',
  // header
  language: 'Language',
  theme: 'Appearance',
  themeLight: 'Light',
  themeDark: 'Dark',
  themeAuto: 'Auto',
  menu: 'Display settings',
  // device chip
  device: 'Device',
  deviceStarting: 'Looking for a GPU',
  deviceFailed: 'No device',
  deviceGpu: (adapter: string) => `WebGPU · ${adapter}`,
  deviceSoftware: (adapter: string) => `WebGPU, emulated · ${adapter}`,
  deviceCpu: 'CPU · WASM SIMD',
  deviceTitle: 'Where the computing happens',
  deviceBackend: 'Backend',
  deviceAdapter: 'Adapter',
  deviceReasons: {
    'real-gpu': 'This computer has a GPU that the browser lets us use: the fastest choice.',
    asked: 'You asked for this device in the address of the page.',
    'no-webgpu':
      'This browser has no WebGPU, so everything runs on the CPU. All of it works, only slower; a current Chrome, Edge or Safari would use the GPU.',
    'no-adapter':
      'The browser knows WebGPU but found no GPU that it may use, so everything runs on the CPU. All of it works, only slower.',
    'software-adapter':
      'The browser offers only a GPU that is emulated on the CPU. Our own CPU code is faster than that, so it is used instead.',
    'gpu-failed':
      'The GPU was found but stopped working, so everything runs on the CPU. Reload the page to try the GPU again.',
  },
  deviceUseGpu: 'Reload and use WebGPU',
  deviceUseCpu: 'Reload and use the CPU',
  deviceUseAuto: 'Reload and choose by itself',
  deviceRetry: 'Try again',
  // privacy chip
  bytesSent: '0 bytes sent',
  requestsElsewhere: (count: number) => `${counted(count, 'request')} elsewhere`,
  privacyTitle: 'Your photos stay here',
  privacyLead:
    'Reading, training and trying all happen in this browser, on this computer. There is no server that could receive a photo.',
  privacyOwn: 'Files fetched from this address (the app itself)',
  privacyElsewhere: 'Requests to any other address',
  privacyBlocked: 'Attempts to reach another address, stopped by the browser',
  privacyPolicyOn:
    'The browser enforces it: this page was served with a policy that lets the page and its workers talk to their own address only.',
  privacyPolicyOff:
    'Whoever serves this page did not send the policy that makes the browser enforce it; the figures here are counted in the page.',
  privacyPolicyUnknown: 'Whether the browser enforces it could not be checked while offline.',
  privacyCounted:
    'Counted by the browser since this page was opened. What its background workers fetch is not in these figures; the policy binds them all the same.',
  privacyCountedOff:
    'Counted by the browser since this page was opened. What its background workers fetch is not in these figures.',
  // parts
  close: 'Close',
  cancel: 'Cancel',
  dismiss: 'Dismiss',
  details: 'Details',
  photo: 'photo',
  photoUnavailable: 'photo not available',
  problem: 'Something went wrong',
  split: { train: 'Train', val: 'Validation', test: 'Test' },
  strategy: { head: 'last layer', all: 'all layers', scratch: 'from scratch' },
  photos: (count: number) => counted(count, 'photo'),
  classes: (count: number) => counted(count, 'class', 'classes'),
};
