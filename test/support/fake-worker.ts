/** A worker without a thread: the test sees what was posted, and answers, breaks or ends it. */
import { protocolVersion, type Endpoint } from '../../src/protocol/rpc.ts';

type Listener = (event: never) => void;

export interface PostedRequest {
  id: number;
  method: string;
  params: unknown;
}

export class FakeWorker implements Endpoint {
  readonly posted: PostedRequest[] = [];
  terminated = false;
  private readonly listeners = new Map<string, Listener[]>();

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  postMessage(message: unknown): void {
    const request = message as PostedRequest & { kind: string };
    if (request.kind === 'request') this.posted.push(request);
  }

  terminate(): void {
    this.terminated = true;
  }

  emit(type: 'message' | 'error' | 'messageerror', event: object = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener(event as never);
  }

  answer(id: number, result: unknown): void {
    this.emit('message', { data: { version: protocolVersion, kind: 'result', id, result } });
  }

  refuse(id: number, error: unknown): void {
    this.emit('message', { data: { version: protocolVersion, kind: 'error', id, error } });
  }
}
