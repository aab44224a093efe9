/** A worker without a thread: the serving end of the protocol on the other side of a MessageChannel. */
import { serve, type Api, type Handlers, type WorkerLike } from '../../src/protocol/rpc.ts';

export interface FakeServingWorker extends WorkerLike {
  /** As a browser reports that a worker has died. */
  crash(message: string): void;
  readonly terminated: boolean;
}

export function createFakeServingWorker<A extends Api<A>>(
  handlers: Handlers<A>,
): FakeServingWorker {
  const { port1, port2 } = new MessageChannel();
  const failures = new EventTarget();
  let terminated = false;
  serve<A>(port2, handlers);
  port1.start();
  port2.start();
  return {
    postMessage: (message, transfer) => port1.postMessage(message, transfer),
    addEventListener(type: string, listener: (event: never) => void) {
      if (type === 'message') port1.addEventListener(type, listener as (event: Event) => void);
      else failures.addEventListener(type, listener as (event: Event) => void);
    },
    terminate() {
      terminated = true;
      port1.close();
      port2.close();
    },
    crash(message) {
      failures.dispatchEvent(Object.assign(new Event('error'), { message }));
    },
    get terminated() {
      return terminated;
    },
  };
}
