/** The options of `npm run bench`; what does not exist is refused by its name. */
import { parseArgs } from 'node:util';
import type { DevicePreference } from '../protocol/device.ts';
import { benchCases, findCase, usualCases, type BenchCase } from './bench-cases.ts';
import { UsageError } from './errors.ts';

export interface BenchOptions {
  cases: readonly BenchCase[];
  device: DevicePreference;
  dry: boolean; // count without running the kernels
  json: string | null;
}

const usage = `npm run bench -- [--only CASE] [--device webgpu|wasm|auto] [--dry] [--json FILE]`;
const devices = ['webgpu', 'wasm', 'auto'] as const satisfies readonly DevicePreference[];

/** Known to the design, not to this version. */
const laterOptions = ['profile', 'runtime'];

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const later = laterOptions.find((name) => args.some((arg) => isOption(arg, name)));
  if (later !== undefined) throw new UsageError(`--${later} does not exist in this version yet.`);
  const { only, json, dry = false, ...given } = readValues(args);
  const device = devices.find((known) => known === (given.device ?? 'auto'));
  if (device === undefined) {
    throw new UsageError(`--device ${given.device} is unknown. There is: ${devices.join(', ')}.`);
  }
  if (dry && device === 'wasm') {
    throw new UsageError(
      '--dry counts what a GPU is asked to do: it cannot go with --device wasm.',
    );
  }
  return {
    cases: only === undefined ? usualCases : [caseOf(only)],
    // nothing runs, so an emulated GPU counts as well as a real one
    device: dry ? 'webgpu' : device,
    dry,
    json: json ?? null,
  };
}

function isOption(arg: string, name: string): boolean {
  return arg === `--${name}` || arg.startsWith(`--${name}=`);
}

function readValues(args: readonly string[]): {
  only?: string;
  device?: string;
  json?: string;
  dry?: boolean;
} {
  const text = { type: 'string' } as const;
  const options = { only: text, device: text, json: text, dry: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function caseOf(name: string): BenchCase {
  const found = findCase(name);
  if (found) return found;
  const names = benchCases.map((one) => `  ${one.name}`).join('\n');
  throw new UsageError(`--only ${name}: there is no such case. There are:\n${names}`);
}
