/**
 * The rooms' order (README, "How it is built"): imports go downwards only. Read from the import
 * lines themselves, so that a breach fails here and not in a review.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', 'src');

const everyone = ['protocol', 'util'];
const belowTheJobs = ['model', 'ops', 'device', ...everyone];
/** Room → the rooms it may import, beside itself. */
const allowed: Record<string, readonly string[]> = {
  '.': ['ui', 'session', 'i18n', ...everyone],
  ui: ['session', 'i18n', ...everyone],
  session: ['client', 'i18n', ...everyone],
  i18n: everyone,
  client: everyone,
  protocol: [],
  util: [],
  worker: ['data', 'train', 'evaluate', 'export', 'storage', ...belowTheJobs],
  data: belowTheJobs,
  train: belowTheJobs,
  evaluate: belowTheJobs,
  export: belowTheJobs,
  storage: belowTheJobs,
  model: ['ops', 'device', ...everyone],
  ops: ['device', ...everyone],
  device: everyone,
  cli: ['i18n', ...everyone],
};
/** The types of a checkpoint are what storage stores. */
const exceptions = [
  /^storage\/.* → train\/checkpoint/,
  /^client\/.* → worker\/[a-z-]+\.worker\.ts$/,
];

const pageRooms = ['.', 'ui', 'session', 'i18n', 'client'];
const svelteRooms = ['.', 'ui', 'session', 'i18n'];

interface Import {
  from: string; // 'data/zip/reader.ts'
  room: string;
  target: string; // 'data/crc.ts', or a package's name
  local: boolean;
  typeOnly: boolean;
}

function* imports(): Generator<Import> {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|svelte)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const from = relative(root, file).replaceAll('\\', '/');
    const room = from.includes('/') ? (from.split('/')[0] ?? '.') : '.';
    const pattern =
      /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'|(?:import\(|new URL\(|(?:^|\n)\s*import\s)\s*'([^']+)'/g;
    for (const match of readFileSync(file, 'utf8').matchAll(pattern)) {
      const specifier = match[2] ?? match[3] ?? '';
      const local = specifier.startsWith('.');
      const target = local ? posix.join(posix.dirname(from), specifier) : specifier;
      yield { from, room, target, local, typeOnly: match[1] !== undefined };
    }
  }
}

const all = [...imports()];

describe('imports', () => {
  it('are found at all', () => {
    expect(all.length).toBeGreaterThan(20);
  });

  it('go downwards only', () => {
    const breaches = all
      .filter(({ from, room, target, local }) => {
        if (!local || target.startsWith('..')) return false;
        const to = target.includes('/') ? (target.split('/')[0] ?? '.') : '.';
        const line = `${from} → ${target}`;
        return (
          to !== room && !allowed[room]?.includes(to) && !exceptions.some((one) => one.test(line))
        );
      })
      .map(({ from, target }) => `${from} → ${target}`);
    expect(breaches).toEqual([]);
  });

  it('leave src only for what the app itself ships', () => {
    const outside = all
      .filter(({ local, target }) => local && target.startsWith('..'))
      .filter(({ room }) => room !== 'cli') // a tool of the repository may read all of it
      .map(({ from, target }) => `${from} → ${target}`);
    expect(outside).toEqual([]);
  });

  it('keep TF.js off the page and svelte off the workers', () => {
    const breaches = all
      .filter(({ room, target }) => {
        const tf = target.startsWith('@tensorflow/');
        const svelte = target === 'svelte' || target.startsWith('svelte/');
        return (tf && pageRooms.includes(room)) || (svelte && !svelteRooms.includes(room));
      })
      .map(({ from, target }) => `${from} → ${target}`);
    expect(breaches).toEqual([]);
  });

  it('know every room there is', () => {
    const rooms = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(rooms.filter((room) => !(room in allowed))).toEqual([]);
  });
});
