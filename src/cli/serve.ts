/** The built app and its server: built when absent or older than its sources, served by Vite. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { CliError } from './errors.ts';
import { makeSample } from './sample.ts';

const projectFolder = join(import.meta.dirname, '..', '..');

/** What a build is made of; `src/cli` is not part of it. */
const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'];
const notSources = [join('src', 'cli'), join('public', 'sample')];

export interface Served {
  url: string; // with a slash at the end
  close(): Promise<void>;
}

export function isBuilt(folder = projectFolder): boolean {
  return existsSync(join(folder, 'dist', 'index.html'));
}

export function isUpToDate(folder = projectFolder): boolean {
  if (!isBuilt(folder)) return false;
  const built = statSync(join(folder, 'dist', 'index.html')).mtimeMs;
  return sources.every((source) => newest(folder, source) <= built);
}

/** The latest change at or under `path`, ms; 0 where there is nothing. */
function newest(folder: string, path: string): number {
  const full = join(folder, path);
  if (notSources.includes(path) || !existsSync(full)) return 0;
  const { mtimeMs } = statSync(full);
  if (!statSync(full).isDirectory()) return mtimeMs;
  // a folder's own time counts too: it changes when a file is removed
  return readdirSync(full).reduce(
    (latest, name) => Math.max(latest, newest(folder, join(path, name))),
    notSources.some((other) => other.startsWith(path)) ? 0 : mtimeMs,
  );
}

export async function buildApp(): Promise<void> {
  makeSample(join(projectFolder, 'public', 'sample'));
  await build({ root: projectFolder, logLevel: 'warn' });
}

/** Serves `dist` with the headers of `vite.config.ts`; port 0 takes any free one. */
export async function serveApp({
  host,
  port,
  folder = projectFolder,
}: {
  host: string;
  port: number;
  folder?: string;
}): Promise<Served> {
  if (!isBuilt(folder)) {
    throw new CliError('There is no built app in dist: run `npm run build` first.');
  }
  const server = await preview({
    root: folder,
    logLevel: 'error',
    preview: { host, port, strictPort: true, open: false },
  }).catch((error: unknown) => {
    // Vite's own error for strictPort carries no code, only words
    if (error instanceof Error && /already in use|EADDRINUSE/.test(error.message)) {
      throw new CliError(
        `Port ${port} is in use by another program: stop it, or choose another with \`--port\`.`,
      );
    }
    throw error;
  });
  const url = server.resolvedUrls?.local[0] ?? `http://${host}:${port}/`;
  return { url, close: () => server.close() };
}
