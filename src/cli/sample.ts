/**
 * Makes the sample that the page offers to those who have no photos at hand: `sample.zip`, and
 * `sample.json` beside it, which names whose pictures they are. At build time and not committed:
 * the pictures come from development dependencies.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import {
  sampleClasses,
  samplePictures,
  sampleVendors,
  type SamplePicture,
} from './sample-pictures.ts';

export interface SampleManifest {
  /** What it was made from; the same stamp means the same zip. */
  stamp: string;
  bytes: number;
  classes: string[];
  counts: { train: number; val: number };
  sources: { name: string; licence: string; url: string }[];
}

/** The same bytes every time: stored, since pictures are compressed, and without a clock. */
export function zipPictures(pictures: readonly SamplePicture[]): Uint8Array {
  const entries = pictures.map(({ path, file }) => [path, new Uint8Array(readFileSync(file))]);
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Writes zip and manifest unless they are there already. */
export function makeSample(folder: string): SampleManifest {
  const zipFile = join(folder, 'sample.zip');
  const manifestFile = join(folder, 'sample.json');
  const stamp = sampleStamp();
  if (existsSync(manifestFile) && existsSync(zipFile)) {
    const found = JSON.parse(readFileSync(manifestFile, 'utf8')) as SampleManifest;
    if (found.stamp === stamp) return found;
  }

  const pictures = samplePictures();
  const zip = zipPictures(pictures);
  const count = (split: 'train' | 'val') => pictures.filter((p) => p.split === split).length;
  const manifest: SampleManifest = {
    stamp,
    bytes: zip.length,
    classes: sampleClasses.map(({ name }) => name),
    counts: { train: count('train'), val: count('val') },
    sources: sampleVendors.map(({ name, licence, url }) => ({ name, licence, url })),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(zipFile, zip);
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`); // last: it vouches for the zip
  return manifest;
}

function sampleStamp(): string {
  const hash = createHash('sha256');
  for (const file of ['sample.ts', 'sample-pictures.ts']) {
    hash.update(readFileSync(join(import.meta.dirname, file)));
  }
  for (const { packageFile } of sampleVendors) {
    hash.update(readFileSync(packageFile));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(import.meta.dirname, '..', '..', 'public', 'sample');
  const { classes, counts, bytes } = makeSample(folder);
  process.stdout.write(
    `sample: ${classes.length} classes, ${counts.train} train + ${counts.val} val pictures, ` +
      `${(bytes / 1e6).toFixed(1)} MB\n`,
  );
}
