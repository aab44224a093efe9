/**
 * Every failure that a person can meet, as a code and its parameters: the shape that survives
 * `postMessage`. The words live in `src/i18n`, one sentence a code and language, so that a code
 * without a sentence does not compile.
 */
export interface ErrorParams {
  // data in
  'not-a-zip': { name: string };
  'zip-truncated': { name: string };
  'zip-encrypted': { name: string };
  'zip-unsupported': { name: string; detail: string };
  /** No picture at all: `entries` is how many other files there were. */
  'no-images': { name: string; entries: number };
  /** There were files named like pictures, and none of them could be read. */
  'no-valid-images': { name: string; skipped: number; first: string };
  /** Pictures, but not in folders named after classes. */
  'no-class-folders': { name: string; images: number };
  'one-class': { name: string; className: string };
  /** A split needs two photos of each class at least: one to train on, one to validate on. */
  'too-few-photos': { className: string; found: number; needed: number };
  'no-train-split': { name: string; found: string };
  'not-an-image': { name: string };
  'decode-failed': { name: string; detail: string };
  'image-too-large': { name: string; width: number; height: number; megapixels: number };
  // storage
  'quota-exceeded': { neededBytes: number };
  'storage-unavailable': { detail: string };
  'dataset-not-found': { id: string };
  'run-not-found': { id: string };
  'checkpoint-not-found': { id: string };
  // weights
  'weights-missing': { backbone: string };
  'weights-format': { name: string; detail: string };
  'weights-mismatch': {
    backbone: string;
    missing: string;
    unexpected: string;
    wrongShape: string;
  };
  // device
  'webgpu-unavailable': { reason: string };
  'profile-needs-webgpu': { found: string };
  'backend-changed': { expected: string; found: string };
  'device-lost': { detail: string };
  'out-of-memory': { batchSize: number; imageSize: number };
  // training
  'invalid-config': { field: string; found: string; expected: string };
  diverged: { epoch: number; learningRate: number };
  busy: { runId: string };
  // plumbing
  cancelled: Record<never, never>;
  'worker-died': { worker: string; detail: string };
  'protocol-mismatch': { expected: number; found: string };
  internal: { detail: string };
}

export type ErrorCode = keyof ErrorParams;

export type ErrorData = {
  [C in ErrorCode]: { readonly code: C; readonly params: ErrorParams[C] };
}[ErrorCode];

/** The one error class of the app. Its message is for logs; people read the dictionary's. */
export class AppError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly params: ErrorParams[C];

  constructor(code: C, params: ErrorParams[C], options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(params)}`, options);
    this.name = 'AppError';
    this.code = code;
    this.params = params;
  }
}

/** What crosses the boundary for `error`; anything unforeseen becomes `internal` with its text. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof AppError) {
    return { code: error.code, params: error.params } as ErrorData;
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', params: {} };
  if (error instanceof Error && error.name === 'QuotaExceededError') {
    return { code: 'quota-exceeded', params: { neededBytes: 0 } };
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'internal', params: { detail } };
}

export function fromErrorData(data: ErrorData): AppError {
  return new AppError(data.code, data.params);
}
