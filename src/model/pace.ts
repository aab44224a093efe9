/**
 * Long passes share their thread: every 50 ms they let waiting messages in (a cancel among them),
 * and they stop where the signal says so.
 */
import { AppError } from '../protocol/errors.ts';

const sliceMs = 50;

export interface Pace {
  /** Await between two pieces of work; throws 'cancelled' once the signal is aborted. */
  rest(): Promise<void>;
}

export function createPace(signal?: AbortSignal): Pace {
  let last = performance.now();
  return {
    async rest() {
      if (performance.now() - last >= sliceMs) {
        await nextTask();
        last = performance.now();
      }
      if (signal?.aborted) throw new AppError('cancelled', {});
    },
  };
}

/** A new task, without the 4 ms that nested timers are held back for. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
