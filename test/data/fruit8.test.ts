/** A zip as a course hands it out: GBK names without the flag, splits, and a Mac's litter. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openZip } from '../../src/data/image-folder/archive.ts';
import { entryRecords } from '../../src/data/image-folder/entry-records.ts';
import { sniff } from '../../src/data/image-folder/sniff.ts';
import { understand } from '../../src/data/image-folder/understand.ts';
import { guessEncoding } from '../../src/data/names/guess-encoding.ts';

const path = new URL('../../../shared/data/fruit8_split_gbk.zip', import.meta.url);

it.skipIf(!existsSync(path))('a real zip with Chinese class folders', async () => {
  const archive = await openZip(new Blob([readFileSync(path)]), 'fruit8_split_gbk.zip');
  const encoding = guessEncoding(archive.entries.map(({ name }) => name));
  expect(encoding).toBe('gb18030');
  const records = entryRecords(archive.entries, encoding);
  const wanted = records.flatMap(({ skipped }, index) => (skipped === null ? [index] : []));
  for await (const { index, data } of archive.read(wanted, new AbortController().signal)) {
    if (typeof data === 'string') expect.fail(`${index}: ${data}`);
    expect(sniff(data)).toMatchObject({ mime: 'image/jpeg' });
  }
  const { manifest } = understand(records, { name: archive.name, encoding, splitSeed: 0 });
  expect(manifest.classes).toEqual(
    ['苹果', '香蕉', '猕猴桃', '柠檬', '牛油果', '梨', '橙子', '甜瓜'].sort(),
  );
  expect(manifest.classCounts).toEqual({
    train: new Array(8).fill(28),
    val: new Array(8).fill(12),
    test: new Array(8).fill(0),
  });
  expect(manifest.skipped.map(({ reason }) => reason).sort()).toEqual([
    'litter',
    'litter',
    'litter',
    'not-an-image',
  ]);
});
