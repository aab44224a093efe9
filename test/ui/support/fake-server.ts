/**
 * A worker as a test wants it: real messages over a `MessageChannel`, handlers of the
 * test's own. What a test does not answer fails with the protocol's own error.
 */
import { serve, type Api, type Handlers } from '../../../src/protocol/rpc.ts';
import { createWorkerClient, type WorkerClient } from '../../../src/client/worker-client.ts';

export function fakeClient<A extends Api<A>>(handlers: Partial<Handlers<A>>): WorkerClient<A> {
  return createWorkerClient<A>('fake', () => {
    const { port1, port2 } = new MessageChannel();
    serve<A>(port2, handlers as Handlers<A>);
    port1.start();
    port2.start();
    return {
      postMessage: (message, transfer) => port1.postMessage(message, transfer),
      addEventListener: (type: string, listener: (event: MessageEvent) => void) =>
        port1.addEventListener(type as 'message', listener),
      terminate: () => port1.close(),
    };
  });
}
