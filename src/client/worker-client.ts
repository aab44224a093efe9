/**
 * A worker that is spawned when first needed, called through the typed protocol, and replaced when
 * it dies: `error` and `messageerror` reject everything pending with 'worker-died', and the next
 * call gets a fresh worker. Nothing ever hangs, and nothing is retried behind anyone's back.
 */
import { AppError } from '../protocol/errors.ts';
import {
  createCaller,
  workerErrorText,
  type Api,
  type Caller,
  type WorkerLike,
} from '../protocol/rpc.ts';

export interface WorkerClient<A extends Api<A>> extends Caller<A> {
  /** Told each time a worker has died; the return value takes the listener off again. */
  onDeath(listener: (error: AppError) => void): () => void;
}

export function createWorkerClient<A extends Api<A>>(
  name: string,
  spawn: () => WorkerLike,
): WorkerClient<A> {
  const listeners = new Set<(error: AppError) => void>();
  let live: { caller: Caller<A>; worker: WorkerLike } | null = null;

  function get(): Caller<A> {
    if (live) return live.caller;
    const worker = spawn();
    const caller = createCaller<A>(worker);
    const mine = { caller, worker };
    live = mine;
    const die = (detail: string) => {
      if (live === mine) end(new AppError('worker-died', { worker: name, detail }));
    };
    worker.addEventListener('error', (event) => {
      event.preventDefault(); // it is shown to the person, not left to the console
      die(workerErrorText(event));
    });
    worker.addEventListener('messageerror', () => die('a message could not be read'));
    return caller;
  }

  function end(error: AppError): void {
    if (!live) return;
    const { caller, worker } = live;
    live = null;
    worker.terminate();
    caller.fail(error);
    for (const listener of listeners) listener(error);
  }

  return {
    call: (method, params, options) => get().call(method, params, options),
    fail: end,
    get pending() {
      return live?.caller.pending ?? 0;
    },
    onDeath(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
