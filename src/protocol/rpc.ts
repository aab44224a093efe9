/**
 * Typed calls over a `MessagePort`-like endpoint: requests, responses, events and cancel.
 * The idea is Comlink's message union (GoogleChromeLabs/comlink, `src/protocol.ts`) with two
 * things added: an `AbortSignal` on each call, and an end that rejects everything pending when the
 * other side dies, so that nothing ever hangs.
 */
import { AppError, fromErrorData, toErrorData, type ErrorData } from './errors.ts';

export const protocolVersion = 1;

/** A method: what goes in, what comes back, what is streamed meanwhile. */
export interface Method {
  params: unknown;
  result: unknown;
  event: unknown;
}
export type Api<A> = { [M in keyof A]: Method };

export type Message =
  | { version: number; kind: 'request'; id: number; method: string; params: unknown }
  | { version: number; kind: 'cancel'; id: number }
  | { version: number; kind: 'event'; id: number; event: unknown }
  | { version: number; kind: 'result'; id: number; result: unknown }
  | { version: number; kind: 'error'; id: number; error: ErrorData };

/** What `Worker`, `MessagePort` and a worker's own global scope have in common. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The part of `Worker` that is used; tests give a `MessagePort` with a voice. */
export interface WorkerLike extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

/** What an `error` event of a worker says, which is nothing where its script was not found. */
export function workerErrorText(event: Event): string {
  return 'message' in event && typeof event.message === 'string' ? event.message : '';
}

export interface CallOptions<E> {
  signal?: AbortSignal;
  onEvent?: (event: E) => void;
  transfer?: Transferable[];
}

export interface Caller<A extends Api<A>> {
  call<M extends keyof A & string>(
    method: M,
    params: A[M]['params'],
    options?: CallOptions<A[M]['event']>,
  ): Promise<A[M]['result']>;
  /** Rejects all that is pending, and all that is called later, with `error`. */
  fail(error: AppError): void;
  readonly pending: number;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (error: AppError) => void;
  onEvent: ((event: never) => void) | undefined;
  release: () => void;
}

/** The calling end. */
export function createCaller<A extends Api<A>>(endpoint: Endpoint): Caller<A> {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let dead: AppError | null = null;

  const settle = (id: number): Pending | undefined => {
    const entry = pending.get(id);
    pending.delete(id);
    entry?.release();
    return entry;
  };

  endpoint.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data?.version !== protocolVersion) return;
    switch (data.kind) {
      case 'event':
        pending.get(data.id)?.onEvent?.(data.event as never);
        break;
      case 'result':
        settle(data.id)?.resolve(data.result as never);
        break;
      case 'error':
        settle(data.id)?.reject(fromErrorData(data.error));
        break;
      case 'request':
      case 'cancel':
        break;
      default:
        data satisfies never;
    }
  });

  return {
    call(method, params, options = {}) {
      return new Promise((resolve, reject) => {
        const { signal, onEvent, transfer = [] } = options;
        if (dead) return reject(dead);
        if (signal?.aborted) return reject(new AppError('cancelled', {}));
        const id = ++lastId;
        const cancel = () => post(endpoint, { version: protocolVersion, kind: 'cancel', id });
        signal?.addEventListener('abort', cancel, { once: true });
        pending.set(id, {
          resolve,
          reject,
          onEvent: onEvent as ((event: never) => void) | undefined,
          release: () => signal?.removeEventListener('abort', cancel),
        });
        try {
          post(
            endpoint,
            { version: protocolVersion, kind: 'request', id, method, params },
            transfer,
          );
        } catch (error) {
          settle(id);
          reject(fromErrorData(toErrorData(error)));
        }
      });
    },
    fail(error) {
      dead = error;
      for (const id of [...pending.keys()]) settle(id)?.reject(error);
    },
    get pending() {
      return pending.size;
    },
  };
}

export interface HandlerContext<E> {
  signal: AbortSignal;
  emit(event: E, transfer?: Transferable[]): void;
  /** Buffers named here are moved with the result, not copied. */
  transfer(...buffers: Transferable[]): void;
}

export type Handlers<A extends Api<A>> = {
  [M in keyof A]: (
    params: A[M]['params'],
    context: HandlerContext<A[M]['event']>,
  ) => Promise<A[M]['result']> | A[M]['result'];
};

/** The serving end: one handler a method; errors cross as `{code, params}`. */
export function serve<A extends Api<A>>(endpoint: Endpoint, handlers: Handlers<A>): void {
  const running = new Map<number, AbortController>();

  endpoint.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data?.kind === 'cancel') running.get(data.id)?.abort(new AppError('cancelled', {}));
    if (data?.kind === 'request') void answer(data);
  });

  async function answer(request: Extract<Message, { kind: 'request' }>): Promise<void> {
    const { id, method, params, version } = request;
    const controller = new AbortController();
    running.set(id, controller);
    const moved: Transferable[] = [];
    try {
      if (version !== protocolVersion) {
        throw new AppError('protocol-mismatch', {
          expected: protocolVersion,
          found: String(version),
        });
      }
      if (!Object.hasOwn(handlers, method)) {
        throw new AppError('internal', { detail: `no such method: ${method}` });
      }
      const result = await handlers[method as keyof A](params, {
        signal: controller.signal,
        emit: (event, transfer = []) =>
          post(endpoint, { version: protocolVersion, kind: 'event', id, event }, transfer),
        transfer: (...buffers) => moved.push(...buffers),
      });
      post(endpoint, { version: protocolVersion, kind: 'result', id, result }, moved);
    } catch (error) {
      const data = toErrorData(error);
      post(endpoint, { version: protocolVersion, kind: 'error', id, error: data });
    } finally {
      running.delete(id);
    }
  }
}

function post(endpoint: Endpoint, message: Message, transfer: Transferable[] = []): void {
  endpoint.postMessage(message, transfer);
}
