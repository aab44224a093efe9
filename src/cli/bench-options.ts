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
  ours: boolean; // leave stock out
  profile: boolean; // where the time of our step goes, instead of a comparison
  tune: boolean; // choose our tiles by trial first
  json: string | null;
  torch: string | null; // a file of `test/bench/torch_step.py`
}

const usage = `npm run bench -- [--only CASE]... [--runtime page|node] [--device webgpu|wasm|auto] [--dry]
  [--ours] [--tune] [--profile] [--json FILE] [--torch FILE]`;
const runtimes = ['page', 'node'] as const satisfies readonly BenchRuntime[];
const devices = ['webgpu', 'wasm', 'auto'] as const satisfies readonly DevicePreference[];

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const {
    only,
    json,
    torch,
    dry = false,
    ours = false,
    profile = false,
    tune = false,
    ...given
  } = readValues(args);
  const runtime = oneOf(runtimes, '--runtime', given.runtime ?? 'page');
  const device = oneOf(devices, '--device', given.device ?? 'auto');
  if (dry && device === 'wasm') {
    throw new UsageError(
      '--dry counts what a GPU is asked to do: it cannot go with --device wasm.',
    );
  }
  if (profile && (dry || device === 'wasm' || torch !== undefined)) {
    throw new UsageError(
      '--profile times the kernels of our own step on a GPU: it goes without --dry, --torch and --device wasm.',
    );
  }
  if (dry && tune) throw new UsageError('--dry runs no kernel: there is nothing to --tune by.');
  if (runtime === 'node' && device === 'wasm') {
    throw new UsageError('--runtime node is there for GPUs: --device wasm needs the page.');
  }
  const cases = only === undefined ? usualCases : casesOf(only);
  return {
    cases: profile ? stepsOf(cases) : cases,
    // dry, nothing runs, so an emulated GPU counts as well as a real one; node has nothing else,
    // and a profile is of nothing else
    device: dry || profile || runtime === 'node' ? 'webgpu' : device,
    runtime,
    dry,
    ours,
    profile,
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

/** A profile is of training steps. */
function stepsOf(cases: readonly BenchCase[]): readonly BenchCase[] {
  const steps = cases.filter(({ kind }) => kind === 'step');
  if (steps.length > 0) return steps;
  throw new UsageError('--profile is of training steps: name one that begins with step/.');
}

function readValues(args: readonly string[]): {
  only?: string[];
  device?: string;
  runtime?: string;
  json?: string;
  torch?: string;
  dry?: boolean;
  ours?: boolean;
  profile?: boolean;
  tune?: boolean;
} {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    only: { type: 'string', multiple: true },
    ...{ device: text, runtime: text, json: text, torch: text },
    ...{ dry: flag, ours: flag, profile: flag, tune: flag },
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
