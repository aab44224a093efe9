/** An engine in a process of node's, over Dawn: a driver that crashes takes no other with it. */
import { installNodeGpu } from '../support/dawn.ts';
import { serveEngine } from './serve-engine.ts';

if (await installNodeGpu()) {
  serveEngine({
    postMessage: (message) => process.send?.(message),
    addEventListener: (type, listener) =>
      process.on(type, (data) => listener(new MessageEvent(type, { data }))),
  });
} else {
  process.stderr.write('no GPU is found: `bash test/bench/gpu-machine.sh` says what is missing');
  process.exit(1);
}
