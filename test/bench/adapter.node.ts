/** Says which GPU Dawn finds in node; status 1 where there is none. For `gpu-machine.sh`. */
import { isSoftwareAdapter } from '../../src/device/adapter.ts';
import { installNodeGpu } from '../support/dawn.ts';

const adapter = (await installNodeGpu()) ? await navigator.gpu.requestAdapter() : null;
if (adapter === null) process.exit(1);
const { vendor, architecture, device, description } = adapter.info;
const emulated = isSoftwareAdapter(adapter.info) ? ' (emulated: its times say nothing)' : '';
process.stdout.write(`${[vendor, architecture, device, description].join(', ')}${emulated}\n`);
