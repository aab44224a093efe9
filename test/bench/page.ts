/**
 * The bench's page: runs the case that its address names (`?case=step/resnet18/64/b4/all`, with
 * `&device=`, `&dry`, `&ours` and `&tune`, or with `&profile`), writes what it does, and leaves the
 * figures as JSON in `#result`, or the reason in `#failure`.
 */
import { benchCases, findCase } from '../../src/cli/bench-cases.ts';
import { profileText } from '../../src/i18n/profile-text.ts';
import type { DevicePreference } from '../../src/protocol/device.ts';
import { profileCase, runCase, type Host } from './run-case.ts';
import { runHead } from './run-head.ts';

function write(line: string): void {
  document.querySelector('#log')?.append(`${line}\n`);
}

function leave(id: 'result' | 'failure', text: string): void {
  const element = document.createElement('pre');
  element.id = id;
  element.textContent = text;
  document.body.append(element);
}

function startWorker(): Host {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
  return {
    endpoint: worker,
    onDeath: (listener) => worker.addEventListener('error', ({ message }) => listener(message)),
    close: () => worker.terminate(),
  };
}

async function main(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const bench = findCase(query.get('case') ?? '');
  if (bench === undefined) {
    throw new Error(`?case= should be one of ${benchCases.map(({ name }) => name).join(', ')}`);
  }
  if (query.has('profile')) {
    const profile = await profileCase(bench, startWorker);
    write(profileText(profile));
    return leave('result', JSON.stringify(profile, null, 2));
  }
  const device = devices.find((known) => known === query.get('device')) ?? 'auto';
  const flags = { dry: query.has('dry'), ours: query.has('ours'), tune: query.has('tune') };
  const settings = { device, ...flags, startHost: startWorker };
  const measured =
    bench.kind === 'head'
      ? await runHead(bench, device, write)
      : await runCase(bench, settings, write);
  leave('result', JSON.stringify(measured, null, 2));
}

const devices: readonly DevicePreference[] = ['webgpu', 'wasm', 'auto'];

main().catch((error: unknown) => {
  leave('failure', error instanceof Error ? error.message : String(error));
});
