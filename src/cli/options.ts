/**
 * The options of `npm run finetune` (README, "Command line"). They are a contract: what does not
 * exist yet is refused by its name and not ignored. Numbers are only read here; whether they make
 * sense is for the page to say, in its own words.
 */
import { backboneNames, type BackboneName } from '../protocol/backbone.ts';
import type { DevicePreference } from '../protocol/device.ts';
import {
  augmentations,
  precisions,
  strategies,
  type Augmentation,
  type Precision,
  type Strategy,
} from '../protocol/run.ts';
import type { NumericSetting } from '../protocol/run-defaults.ts';
import { exportFormats, type ExportFormat } from '../protocol/trainer-api.ts';
import { languageNames, type LanguageName } from '../i18n/dictionaries.ts';
import { UsageError } from './errors.ts';

export interface FinetuneOptions {
  zip: string;
  out: string;
  backbone: BackboneName | null;
  weights: string | null;
  strategy: Strategy | null;
  /** As they were typed, to be typed into the page's fields. */
  settings: Partial<Record<NumericSetting, string>>;
  augment: Augmentation | null;
  precision: Precision | null;
  device: DevicePreference;
  lang: LanguageName;
  exports: ExportFormat[];
}

export const usage = `npm run finetune -- --zip FILE --out DIR
  [--backbone ${backboneNames.join('|')}] [--weights FILE]
  [--strategy ${strategies.join('|')}]
  [--epochs N] [--batch-size N] [--lr X] [--image-size PX]
  [--augment ${augmentations.join('|')}] [--precision ${precisions.join('|')}] [--seed N]
  [--device webgpu|wasm|auto] [--lang ${languageNames.join('|')}]
  [--export ${exportFormats.join(',')}]`;

const optionNames = [
  ...['zip', 'out', 'backbone', 'weights', 'strategy', 'epochs', 'batch-size', 'lr'],
  ...['image-size', 'augment', 'precision', 'seed', 'device', 'lang', 'export'],
];
const devices = ['webgpu', 'wasm', 'auto'] as const satisfies readonly DevicePreference[];

/** Known to the design, not to this version. */
const laterOptions = ['recipe', 'unfreeze'];
const laterValues: Record<string, readonly string[]> = {
  strategy: ['partial', 'gradual'],
  augment: ['light', 'strong'],
  export: ['pth', 'onnx', 'tfjs'],
  backbone: ['resnet34', 'resnet50', 'vgg16'],
};

const numericOptions: Record<string, NumericSetting> = {
  epochs: 'epochs',
  'batch-size': 'batchSize',
  lr: 'learningRate',
  'image-size': 'imageSize',
  seed: 'seed',
};

export function parseOptions(args: readonly string[]): FinetuneOptions {
  const given = readPairs(args);
  const required = (name: string): string => {
    const value = given.get(name);
    if (value === undefined) throw new UsageError(`--${name} is missing.\n${usage}`);
    return value;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[]): T | null => {
    const value = given.get(name);
    return value === undefined ? null : choice(name, value, values);
  };

  const settings: FinetuneOptions['settings'] = {};
  for (const [name, setting] of Object.entries(numericOptions)) {
    const value = given.get(name);
    if (value === undefined) continue;
    if (value.trim() === '' || !Number.isFinite(Number(value))) {
      throw new UsageError(`--${name} is “${value}”; it should be a number.`);
    }
    settings[setting] = String(Number(value));
  }
  const formats = (given.get('export') ?? exportFormats.join(',')).split(',');
  return {
    zip: required('zip'),
    out: required('out'),
    backbone: oneOf('backbone', backboneNames),
    weights: given.get('weights') ?? null,
    strategy: oneOf('strategy', strategies),
    settings,
    augment: oneOf('augment', augmentations),
    precision: oneOf('precision', precisions),
    device: oneOf('device', devices) ?? 'auto',
    lang: oneOf('lang', languageNames) ?? 'en',
    exports: [...new Set(formats.map((format) => choice('export', format, exportFormats)))],
  };
}

/** `--name value` and `--name=value`, each name once. */
function readPairs(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name, inline] = /^--([a-z-]+)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name === undefined) throw new UsageError(`“${arg}” is not an option.\n${usage}`);
    if (laterOptions.includes(name)) {
      throw new UsageError(`--${name} does not exist in this version yet.`);
    }
    if (!optionNames.includes(name)) throw new UsageError(`--${name} is unknown.\n${usage}`);
    if (given.has(name)) throw new UsageError(`--${name} was given twice.`);
    const value = inline ?? rest.shift();
    if (value === undefined || (inline === undefined && value.startsWith('--'))) {
      throw new UsageError(`--${name} needs a value.`);
    }
    given.set(name, value);
  }
  return given;
}

function choice<T extends string>(name: string, value: string, values: readonly T[]): T {
  const found = values.find((known) => known === value);
  if (found !== undefined) return found;
  const there = `There is: ${values.join(', ')}.`;
  throw new UsageError(
    laterValues[name]?.includes(value)
      ? `--${name} ${value} does not exist in this version yet. ${there}`
      : `--${name} ${value} is unknown. ${there}`,
  );
}
