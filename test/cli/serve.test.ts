import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliError } from '../../src/cli/errors.ts';
import { isUpToDate, serveApp } from '../../src/cli/serve.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-serve-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file as it were `seconds` after 2020 began; its folders stay as they are. */
function write(path: string, seconds: number): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '<!doctype html><title>built</title>');
  const time = 1577836800 + seconds;
  for (const place of [file, dirname(file), dirname(dirname(file))]) utimesSync(place, time, time);
}

describe('isUpToDate', () => {
  it('is false without a build', () => {
    write('src/main.ts', 1);
    expect(isUpToDate(folder)).toBe(false);
  });

  it.each([
    ['src/ui/App.svelte', false],
    ['index.html', false],
    ['public/backbones/card.json', false],
    ['src/cli/finetune.ts', true],
    ['public/sample/sample.zip', true],
    ['README.md', true],
  ])('after a change to %s is %s', (path, expected) => {
    write('src/ui/App.svelte', 1);
    write('dist/index.html', 10);
    expect(isUpToDate(folder)).toBe(true);
    write(path, 20);
    expect(isUpToDate(folder)).toBe(expected);
  });
});

describe('serveApp', () => {
  it('says what to do when nothing was built', async () => {
    const served = serveApp({ host: '127.0.0.1', port: 0, folder });
    await expect(served).rejects.toThrow(CliError);
    await expect(served).rejects.toThrow('npm run build');
  });

  it('serves dist on a free port and lets go of it', async () => {
    write('dist/index.html', 1);
    const { url, close } = await serveApp({ host: '127.0.0.1', port: 0, folder });
    expect(await (await fetch(url)).text()).toContain('built');
    await close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('names the port that is taken, in one line', async () => {
    write('dist/index.html', 1);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const served = serveApp({ host: '127.0.0.1', port, folder });
    await expect(served).rejects.toThrow(CliError);
    await expect(served).rejects.toThrow(new RegExp(`^Port ${port} is in use.*$`));
    other.close();
  });
});
