/** An engine in a worker of the bench's page. */
import { serveEngine } from './serve-engine.ts';

serveEngine({
  postMessage: (message, transfer) => self.postMessage(message, { transfer }),
  addEventListener: (type, listener) => self.addEventListener(type, listener),
});
