/** The options of `npm run bench`; what does not exist is refused by its name. */
import { parseArgs } from 'node:util';
import type { DevicePreference } from '../protocol/device.ts';
import { benchCases, usualCases, type BenchCase } from './bench-cases.ts';
import type { BenchRuntime } from './bench-report.ts';
import { UsageError } from './errors.ts';

export interface BenchOptions {
  cases: readonly BenchCase[];
  device: DevicePreference;
  runtime: BenchRuntime;
  dry: boolean; // count without running the kernels
  tune: boolean; // choose our tiles by trial first
  json: string | null;
  torch: string | null; // a file of `test/bench/torch_step.py`
}

const usage = `npm run bench -- [--only CASE]... [--runtime page|node] [--device webgpu|wasm|auto] [--dry]
  [--tune] [--json FILE] [--torch FILE]`;
const runtimes = ['page', 'node'] as const satisfies readonly BenchRuntime[];
const devices = ['webgpu', 'wasm', 'auto'] as const satisfies readonly DevicePreference[];

/** Known to the design, not to this version. */
const laterOptions = ['profile'];

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const later = laterOptions.find((name) => args.some((arg) => isOption(arg, name)));
  if (later !== undefined) throw new UsageError(`--${later} does not exist in this version yet.`);
  const { only, json, torch, dry = false, tune = false, ...given } = readValues(args);
  const runtime = oneOf(runtimes, '--runtime', given.runtime ?? 'page');
  const device = oneOf(devices, '--device', given.device ?? 'auto');
  if (dry && device === 'wasm') {
    throw new UsageError(
      '--dry counts what a GPU is asked to do: it cannot go with --device wasm.',
    );
  }
  if (dry && tune) throw new UsageError('--dry runs no kernel: there is nothing to --tune by.');
  if (runtime === 'node' && device === 'wasm') {
    throw new UsageError('--runtime node is there for GPUs: --device wasm needs the page.');
  }
  return {
    cases: only === undefined ? usualCases : casesOf(only),
    // dry, nothing runs, so an emulated GPU counts as well as a real one; node has nothing else
    device: dry || runtime === 'node' ? 'webgpu' : device,
    runtime,
    dry,
    tune,
    json: json ?? null,
    torch: torch ?? null,
  };
}

function oneOf<T extends string>(known: readonly T[], option: string, found: string): T {
  const value = known.find((one) => one === found);
  if (value !== undefined) return value;
  throw new UsageError(`${option} ${found} is unknown. There is: ${known.join(', ')}.`);
}

function isOption(arg: string, name: string): boolean {
  return arg === `--${name}` || arg.startsWith(`--${name}=`);
}

function readValues(args: readonly string[]): {
  only?: string[];
  device?: string;
  runtime?: string;
  json?: string;
  torch?: string;
  dry?: boolean;
  tune?: boolean;
} {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    only: { type: 'string', multiple: true },
    ...{ device: text, runtime: text, json: text, torch: text },
    ...{ dry: flag, tune: flag },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

/** Each of `patterns` names a case, or several: `*` stands for anything. In the order of the list. */
function casesOf(patterns: readonly string[]): BenchCase[] {
  const named = new Set(patterns.flatMap(casesLike));
  return benchCases.filter((one) => named.has(one));
}

function casesLike(pattern: string): readonly BenchCase[] {
  const parts = pattern.split('*').map((part) => part.replace(/[^\w/]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  const found = benchCases.filter(({ name }) => expression.test(name));
  if (found.length > 0) return found;
  const names = benchCases.map((one) => `  ${one.name}`).join('\n');
  throw new UsageError(`--only ${pattern}: there is no such case. There are:\n${names}`);
}
