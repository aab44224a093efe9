/**
 * The bench without a browser: the same engines, `test/bench/engine.node.ts`, each in a process of
 * node's over Dawn (npm `webgpu`). They are bundled first, from the ES modules that the page loads.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { profileCase, runCase, type Host } from '../../test/bench/run-case.ts';
import type { BenchCase } from './bench-cases.ts';
import type { BenchRunner } from './bench-report.ts';
import { CliError } from './errors.ts';

const modules = join(import.meta.dirname, '..', '..', 'node_modules');

export async function openNode(): Promise<BenchRunner> {
  const manifest = join(modules, 'webgpu', 'package.json');
  if (!existsSync(manifest)) {
    throw new CliError('--runtime node needs the npm package webgpu: run `npm ci` without --omit.');
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const folder = mkdtempSync(join(modules, '.bench-node-')); // there it finds `webgpu`
  const forget = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', forget);
  const engine = await bundle(folder);
  const startHost = () => startProcess(engine);
  return {
    version: `node ${process.version}, webgpu ${version}`,
    measure: (bench, { device, dry, ours, tune }) => {
      const settings = { device, dry, ours, tune, startHost };
      return named(bench, () => runCase(bench, settings, () => undefined));
    },
    profile: (bench) => named(bench, () => profileCase(bench, startHost)),
    close: () => Promise.resolve(forget()),
  };
}

async function named<T>({ name }: BenchCase, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CliError(`${name}: ${detail}`);
  }
}

async function bundle(outDir: string): Promise<string> {
  await build({
    root: join(modules, '..'),
    configFile: false,
    logLevel: 'error',
    build: { ssr: 'test/bench/engine.node.ts', outDir, target: 'node20', minify: false },
    ssr: { noExternal: true, external: ['webgpu'] },
  });
  return join(outDir, 'engine.node.js');
}

function startProcess(file: string): Host {
  const child = fork(file, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = ''; // drivers chatter there: it matters once the process has died
  child.stderr?.on('data', (text: Buffer) => (said = `${said}${text}`.slice(-mostSaid)));
  let closed = false;
  return {
    endpoint: {
      postMessage: (message) => child.send(message as object),
      addEventListener: (type, listener) =>
        child.on(type, (data) => listener(new MessageEvent(type, { data }))),
    },
    onDeath(listener) {
      child.once('close', (code, signal) => {
        if (!closed) listener(`its process ended (${signal ?? code}): ${said.trim()}`);
      });
    },
    close() {
      closed = true;
      child.kill();
    },
  };
}

const mostSaid = 2000; // characters
