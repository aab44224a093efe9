/** A Chromium for the tools that need one: the machine's own, else installed where that is possible. */
import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium.ts';

const howTo =
  'No Chromium or Chrome was found: install one (for example `apt-get install chromium`), or set GRAFT_CHROMIUM to its path.';

/** Path of a Chromium. Exits with one line that says what to install where none can be had. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== '') return found;
  for (const [command, ...args] of installers()) {
    console.log(`No Chromium or Chrome found; trying: ${[command, ...args].join(' ')}`);
    spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
    const installed = findChromium();
    if (installed !== '') return installed;
  }
  console.error(howTo);
  process.exit(1);
}

function installers(): [string, ...string[]][] {
  const isRoot = process.getuid?.() === 0;
  return [
    ...(process.platform === 'linux' && isRoot
      ? ([
          ['apt-get', 'update', '-qq'],
          ['apt-get', 'install', '-y', '-qq', 'chromium'],
        ] as [string, ...string[]][])
      : []),
    ['npx', 'playwright', 'install', 'chromium'],
  ];
}
