import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample, type SampleManifest } from '../../src/cli/sample.ts';
import { sampleClasses, samplePictures, sampleVendors } from '../../src/cli/sample-pictures.ts';

let folder: string;
let manifest: SampleManifest;
let files: Record<string, Uint8Array>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-sample-'));
  manifest = makeSample(folder);
  files = unzipSync(new Uint8Array(readFileSync(join(folder, 'sample.zip'))));
});
afterAll(() => rmSync(folder, { recursive: true }));

const parts = (path: string) => {
  const [split = '', className = '', file = ''] = path.split('/');
  const [, thing = '', vendor = '', extension = ''] = /^(.+)-(\w+)\.(\w+)$/.exec(file) ?? [];
  return { split, className, thing, vendor, extension };
};

describe('the sample', () => {
  it('is about 2 MB of six classes, train and val', () => {
    const names = Object.keys(files).map(parts);
    expect(new Set(names.map(({ split }) => split))).toEqual(new Set(['train', 'val']));
    expect([...new Set(names.map(({ className }) => className))].sort()).toEqual([
      'bird',
      'building',
      'fruit',
      'mammal',
      'vegetable',
      'vehicle',
    ]);
    expect(manifest.bytes).toBeGreaterThan(1e6);
    expect(manifest.bytes).toBeLessThan(2.5e6);
    expect(manifest.counts).toEqual({
      train: names.filter(({ split }) => split === 'train').length,
      val: names.filter(({ split }) => split === 'val').length,
    });
  });

  it('has at least 30 pictures of each class to train on and 10 to validate on', () => {
    const names = Object.keys(files).map(parts);
    for (const { name } of sampleClasses) {
      const count = (split: string) =>
        names.filter((entry) => entry.split === split && entry.className === name).length;
      expect(count('train'), name).toBeGreaterThanOrEqual(30);
      expect(count('val'), name).toBeGreaterThanOrEqual(10);
    }
  });

  it('keeps every drawing of a thing in one split, and its variants too', () => {
    const pictures = samplePictures();
    const thingsOf = (split: string) =>
      new Set(pictures.filter((picture) => picture.split === split).map(({ thing }) => thing));
    const train = thingsOf('train');
    expect([...thingsOf('val')].filter((thing) => train.has(thing))).toEqual([]);
    const thing = (name: string) =>
      pictures.find(({ path }) => path.includes(`/${name}-noto`))?.thing;
    expect(thing('black_cat')).toBe(thing('cat2'));

    // and by what the zip itself says: no name in both splits
    const names = Object.keys(files).map(parts);
    const named = (split: string) =>
      new Set(names.filter((entry) => entry.split === split).map((entry) => entry.thing));
    expect([...named('val')].filter((name) => named('train').has(name))).toEqual([]);
  });

  it('holds pictures of three vendors, whose licences it names', () => {
    const vendors = new Set(Object.keys(files).map((path) => parts(path).vendor));
    expect(vendors).toEqual(new Set(['fluent', 'noto', 'twemoji']));
    expect(manifest.sources).toEqual(
      sampleVendors.map(({ name, licence, url }) => ({ name, licence, url })),
    );
    const free = ['MIT', 'Apache-2.0', 'CC-BY-4.0'];
    expect(manifest.sources.filter(({ licence }) => !free.includes(licence))).toEqual([]);
  });

  it('holds what the names say: PNG and WebP', () => {
    for (const [path, bytes] of Object.entries(files)) {
      const start = Buffer.from(bytes.slice(0, 12)).toString('latin1');
      if (parts(path).extension === 'png') expect(start).toContain('PNG\r\n');
      else expect(start).toMatch(/^RIFF[^]{4}WEBP$/);
    }
  });

  it('is the same every time', () => {
    const other = mkdtempSync(join(tmpdir(), 'graft-sample-'));
    makeSample(other);
    const read = (place: string) => readFileSync(join(place, 'sample.zip'));
    expect(read(other).equals(read(folder))).toBe(true);
    rmSync(other, { recursive: true });
  });

  it('is left alone when up to date, and made again when not', () => {
    const zip = join(folder, 'sample.zip');
    utimesSync(zip, 1, 1);
    makeSample(folder);
    expect(statSync(zip).mtimeMs).toBe(1000);
    writeFileSync(join(folder, 'sample.json'), JSON.stringify({ ...manifest, stamp: 'older' }));
    makeSample(folder);
    expect(statSync(zip).mtimeMs).toBeGreaterThan(1000);
  });
});
