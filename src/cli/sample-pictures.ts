/**
 * Which pictures the built-in sample is made of: drawings of the same things by three vendors, in
 * classes that are Unicode's own subcategories (`category` and `subcategory` of emoji-data). A
 * thing goes to train or to validation with all its drawings, else validation would only ask
 * whether the model has seen the other vendor's apple.
 */
import { readFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRandom } from '../util/random.ts';

const require = createRequire(import.meta.url);

export interface SampleClass {
  name: string;
  subcategory: string;
  /** Members of the subcategory that one would not call by the name of the class. */
  without: readonly string[];
}

export const sampleClasses: readonly SampleClass[] = [
  { name: 'bird', subcategory: 'animal-bird', without: ['feather', 'wing', 'hatching_chick'] },
  {
    name: 'building',
    subcategory: 'place-building',
    without: ['building_construction', 'statue_of_liberty', 'bricks', 'rock', 'wood'],
  },
  { name: 'fruit', subcategory: 'food-fruit', without: ['tomato', 'olive'] },
  { name: 'mammal', subcategory: 'animal-mammal', without: ['pig_nose', 'feet'] },
  {
    name: 'vegetable',
    subcategory: 'food-vegetable',
    without: ['chestnut', 'peanuts', 'brown_mushroom'],
  },
  {
    name: 'vehicle',
    subcategory: 'transport-ground',
    without: [
      ...['station', 'busstop', 'mountain_railway', 'motorway', 'railway_track', 'fuelpump'],
      ...['traffic_light', 'vertical_traffic_light', 'construction', 'rotating_light'],
      ...['octagonal_sign', 'wheel', 'oil_drum', 'roller_skate', 'skateboard'],
      ...['motorized_wheelchair', 'manual_wheelchair'],
    ],
  },
];

/** A set of drawings: its licence, and where a drawing lies in its package. */
export interface SampleVendor {
  id: string;
  name: string;
  licence: string;
  url: string;
  packageFile: string; // its package.json
  path(image: string): string;
}

export const sampleVendors: readonly SampleVendor[] = [
  {
    id: 'fluent',
    name: 'Fluent Emoji, Microsoft (packaged by LobeHub)',
    licence: 'MIT',
    url: 'https://github.com/microsoft/fluentui-emoji',
    packageFile: require.resolve('@lobehub/fluent-emoji-3d/package.json'),
    path: (image) => `assets/${image.replace(/\.png$/, '.webp')}`,
  },
  {
    id: 'noto',
    name: 'Noto Emoji, Google (packaged by Cal Henderson)',
    licence: 'Apache-2.0',
    url: 'https://github.com/googlefonts/noto-emoji',
    packageFile: require.resolve('emoji-datasource-google/package.json'),
    path: (image) => `img/google/64/${image}`,
  },
  {
    id: 'twemoji',
    name: 'Twemoji, Twitter and contributors (packaged by Cal Henderson)',
    licence: 'CC-BY-4.0',
    url: 'https://github.com/jdecked/twemoji',
    packageFile: require.resolve('emoji-datasource-twitter/package.json'),
    path: (image) => `img/twitter/64/${image}`,
  },
];

export interface SamplePicture {
  /** In the zip: `train/fruit/grapes-noto.png`. */
  path: string;
  file: string;
  split: 'train' | 'val';
  className: string;
  /** Code point; drawings of one thing share it, and so do its variants (lemon and lime). */
  thing: string;
}

interface Emoji {
  unified: string;
  image: string;
  short_name: string;
  subcategory: string;
  sort_order: number;
}

const most = 40; // things a class; mammals have half as many again
const valShare = 0.25;
const seed = 20;

export function samplePictures(): SamplePicture[] {
  const list = require.resolve('emoji-datasource-google/emoji.json');
  const emoji = JSON.parse(readFileSync(list, 'utf8')) as Emoji[];
  emoji.sort((a, b) => a.sort_order - b.sort_order);
  return sampleClasses.flatMap((sampleClass) => picturesOf(sampleClass, emoji));
}

function picturesOf(sampleClass: SampleClass, emoji: readonly Emoji[]): SamplePicture[] {
  const { name, subcategory, without } = sampleClass;
  const members = emoji.filter(
    (entry) => entry.subcategory === subcategory && !without.includes(entry.short_name),
  );
  const things = [...new Set(members.map(thingOf))];
  const chosen = createRandom(seed).fork(name).shuffle(things).slice(0, most);
  const inVal = new Set(chosen.slice(0, Math.round(chosen.length * valShare)));

  return members
    .filter((entry) => chosen.includes(thingOf(entry)))
    .flatMap((entry) =>
      sampleVendors.flatMap((vendor) => {
        const file = join(dirname(vendor.packageFile), vendor.path(entry.image));
        if (!existsSync(file)) return []; // not every set has the newest emoji
        const thing = thingOf(entry);
        const split = inVal.has(thing) ? 'val' : 'train';
        const extension = file.slice(file.lastIndexOf('.'));
        const path = `${split}/${name}/${entry.short_name}-${vendor.id}${extension}`;
        return [{ path, file, split, className: name, thing } as const];
      }),
    );
}

/** Sequences begin with what they vary: a black cat is a cat and a square. */
function thingOf({ unified }: Emoji): string {
  return unified.split('-')[0] as string;
}
