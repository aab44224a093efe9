/**
 * What leaves the app: the package of weights and the report, as ordinary browser downloads (a link
 * with a file name that is clicked), so that a person and a script get them in the same way.
 */
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { ExportFormat, TrainerApi } from '../protocol/trainer-api.ts';

export type DownloadKind = 'package' | 'report';

export class DownloadsSession {
  working = $state<DownloadKind | null>(null);
  /** The last file handed to the browser. */
  saved = $state.raw<{ kind: DownloadKind; fileName: string; bytes: number } | null>(null);
  error = $state.raw<ErrorData | null>(null);

  readonly #trainer: Caller<TrainerApi>;

  constructor(trainer: Caller<TrainerApi>) {
    this.#trainer = trainer;
  }

  async package(runId: string, format: ExportFormat): Promise<void> {
    await this.#download('package', async () => {
      const { fileName, zip } = await this.#trainer.call('export.package', { runId, format });
      return { fileName, blob: zip };
    });
  }

  async report(runId: string): Promise<void> {
    await this.#download('report', async () => {
      const report = await this.#trainer.call('export.report', { runId });
      const text = `${JSON.stringify(report, null, 2)}\n`;
      return { fileName: 'report.json', blob: new Blob([text], { type: 'application/json' }) };
    });
  }

  async #download(
    kind: DownloadKind,
    make: () => Promise<{ fileName: string; blob: Blob }>,
  ): Promise<void> {
    if (this.working) return;
    this.working = kind;
    this.error = null;
    try {
      const { fileName, blob } = await make();
      save(fileName, blob);
      this.saved = { kind, fileName, bytes: blob.size };
    } catch (error) {
      this.error = toErrorData(error);
    } finally {
      this.working = null;
    }
  }
}

function save(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the blob after the click returns; a minute is enough to have begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
