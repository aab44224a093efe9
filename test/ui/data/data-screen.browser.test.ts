/** Step 1 as a person meets it: load, watch, cancel, read what was understood, mend, delete. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { Dataset } from '../../../src/protocol/dataset.ts';
import type { ImportProgress, ImportSource } from '../../../src/protocol/import-api.ts';
import type { Session } from '../../../src/session/context.ts';
import DataScreen from '../../../src/ui/data/DataScreen.svelte';
import { fakeDataset, fakeImporter } from '../support/fake-data.ts';
import { show, type FakeWorkers } from '../support/show.ts';

const t = i18n.t.data;
afterEach(() => i18n.choose('en'));

async function open(workers: FakeWorkers['importer'] = fakeImporter([])): Promise<Session> {
  const session = await show(DataScreen, { importer: workers ?? {} });
  await session.datasets.load();
  return session;
}

async function openWith(dataset: Dataset): Promise<Session> {
  const session = await open(fakeImporter([dataset]));
  session.datasets.open(dataset.id);
  return session;
}

/** An import that waits for the test to say how it ends. */
class HeldImport {
  source: ImportSource | null = null;
  emit: (progress: ImportProgress) => void = () => undefined;
  resolve: (dataset: Dataset) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  readonly handlers = {
    ...fakeImporter([]),
    'datasets.import': (
      { source }: { source: ImportSource },
      { signal, emit }: { signal: AbortSignal; emit: (progress: ImportProgress) => void },
    ): Promise<Dataset> => {
      this.source = source;
      this.emit = emit;
      return new Promise((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    },
  };

  async begun(): Promise<void> {
    await expect.poll(() => this.source).not.toBeNull();
  }
}

const zip = (): File => new File(['PK'], 'fruit.zip', { type: 'application/zip' });
function dropOn(zone: Element, ...files: File[]): void {
  const dataTransfer = new DataTransfer();
  for (const file of files) dataTransfer.items.add(file);
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}

const progress: ImportProgress = {
  stage: 'importing',
  done: 141,
  total: 320,
  bytesDone: 2e6,
  bytesTotal: 5e6,
  skipped: 4,
};

describe('loading', () => {
  test('a picked zip shows progress, then what was understood', async () => {
    const held = new HeldImport();
    const session = await open(held.handlers);
    await page.getByLabelText(t.pickZip).upload(zip());
    await held.begun();
    expect(held.source).toMatchObject({ kind: 'zip' });
    held.emit(progress);
    const bar = page.getByRole('progressbar', { name: t.importCount(141, 320) });
    await expect.element(bar).toHaveAttribute('aria-valuenow', '44');
    await expect.element(page.getByText(t.importSkipped(4))).toBeVisible();
    held.resolve(fakeDataset());
    await expect.element(page.getByRole('table', { name: t.tableCaption })).toBeVisible();
    expect(session.datasets.current?.id).toBe('data-1');
    await expect.element(page.getByRole('link', { name: t.continue })).toBeVisible();
  });

  test('can be cancelled, without an error', async () => {
    const held = new HeldImport();
    await open(held.handlers);
    await page.getByLabelText(t.pickZip).upload(zip());
    await held.begun();
    await page.getByRole('button', { name: t.cancelImport }).click();
    await expect.element(page.getByLabelText(t.pickZip)).toBeInTheDocument();
    expect(page.getByRole('alert').elements()).toEqual([]);
  });

  test('says what is wrong, in place, and leaves what was there', async () => {
    const held = new HeldImport();
    const session = await open({
      ...held.handlers,
      'datasets.list': () => [fakeDataset({ name: 'kept' })],
    });
    await page.getByLabelText(t.pickZip).upload(zip());
    await held.begun();
    held.reject(new AppError('zip-encrypted', { name: 'fruit.zip' }));
    const alert = page.getByRole('alert');
    await expect.element(alert).toHaveTextContent('fruit.zip');
    await expect.element(alert).toHaveTextContent('password');
    expect(session.datasets.list.map(({ name }) => name)).toEqual(['kept']);
    await page.getByRole('button', { name: i18n.t.common.dismiss }).click();
    await expect.element(alert).not.toBeInTheDocument();
  });

  test('what was wrong before is forgotten when something else is tried', async () => {
    const held = new HeldImport();
    await open(held.handlers);
    await page.getByLabelText(t.pickZip).upload(zip());
    await held.begun();
    held.reject(new AppError('zip-encrypted', { name: 'fruit.zip' }));
    await expect.element(page.getByRole('alert')).toHaveTextContent('password');
    dropOn(page.getByRole('group', { name: t.loadTitle }).element(), zip(), zip());
    await expect.element(page.getByRole('alert')).toHaveTextContent(t.onlyOne);
    expect(page.getByRole('alert').elements()).toHaveLength(1);
  });

  test('the browser is asked once to keep what is stored', async () => {
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
    const session = await open({
      ...fakeImporter([]),
      'storage.estimate': () => ({ usageBytes: 0, quotaBytes: 0, persisted: false }),
      'datasets.import': () => fakeDataset(),
    });
    expect(persist).not.toHaveBeenCalled();
    await session.datasets.import({ kind: 'sample' });
    await session.datasets.import({ kind: 'sample' });
    expect(persist).toHaveBeenCalledOnce();
    persist.mockRestore();
  });

  test('the sample has a name in the language of the page', async () => {
    await openWith(
      fakeDataset({ name: 'sample', source: { kind: 'sample', name: 'sample.zip', bytes: 1 } }),
    );
    i18n.choose('zh');
    await expect.element(page.getByText(i18n.t.data.leadOpen('示例数据'))).toBeVisible();
  });

  test('the sample is one click', async () => {
    const held = new HeldImport();
    await open(held.handlers);
    await page.getByRole('button', { name: t.trySample }).click();
    await held.begun();
    expect(held.source).toEqual({ kind: 'sample' });
    held.resolve(fakeDataset());
  });

  test('a dropped zip is taken, several files are not', async () => {
    const held = new HeldImport();
    await open(held.handlers);
    const zone = page.getByRole('group', { name: t.loadTitle });
    await expect.element(zone).toBeVisible();
    const drop = (...files: File[]) => dropOn(zone.element(), ...files);
    drop(zip(), zip());
    await expect.element(page.getByRole('alert')).toHaveTextContent(t.onlyOne);
    expect(held.source).toBeNull();
    drop(zip());
    await held.begun();
    expect(held.source).toMatchObject({ kind: 'zip' });
    held.resolve(fakeDataset());
  });
});

describe('what was understood', () => {
  test('stands in one table, with totals and examples', async () => {
    await page.viewport(1280, 800);
    await openWith(fakeDataset());
    const row = page.getByRole('row', { name: /苹果/ });
    await expect.element(row).toHaveTextContent(/苹果\s*3\s*2\s*5/);
    await expect.element(page.getByRole('row', { name: /^Total/ })).toHaveTextContent(/5\s*3\s*8/);
    await expect
      .poll(() => page.getByRole('img', { name: t.example('苹果') }).elements().length)
      .toBe(4);
  });

  test('lists what was skipped, with the reasons', async () => {
    await openWith(fakeDataset());
    await page.getByText(t.skippedTitle(2)).click();
    const reason = i18n.t.errors.skips['text-named-image'];
    await expect.element(page.getByRole('row', { name: /note\.jpg/ })).toHaveTextContent(reason);
  });

  test('says where the split came from', async () => {
    await openWith(fakeDataset({ splitOrigin: 'seeded', splitSeed: 7 }));
    await expect.element(page.getByText(/seed 7/)).toBeVisible();
  });

  test('names can be read in another encoding', async () => {
    const dataset = fakeDataset();
    let asked = '';
    const session = await open({
      ...fakeImporter([dataset]),
      'datasets.setEncoding': ({ encoding }) => {
        asked = encoding;
        return {
          ...dataset,
          classes: ['ﾆｻｹ', 'ﾏ羝ｶ'],
          encoding: { ...dataset.encoding, used: encoding },
        };
      },
    });
    session.datasets.open(dataset.id);
    const select = page.getByRole('combobox', { name: t.encodingTitle });
    await expect.element(select).toHaveValue('gb18030');
    await select.selectOptions('shift_jis');
    await expect.element(page.getByRole('row', { name: /ﾆｻｹ/ })).toBeVisible();
    expect(asked).toBe('shift_jis');
  });

  test('does not bring up encodings where they do not matter', async () => {
    await openWith(fakeDataset({ encoding: { used: 'utf-8', guessed: 'utf-8', matters: false } }));
    await expect.element(page.getByRole('table', { name: t.tableCaption })).toBeVisible();
    expect(page.getByRole('combobox').elements()).toEqual([]);
  });

  test('shows a hundred classes twenty at a time', async () => {
    const classes = Array.from({ length: 100 }, (_, i) => `class ${String(i).padStart(3, '0')}`);
    const ones = classes.map(() => 1);
    await openWith(
      fakeDataset({
        classes,
        counts: { train: 100, val: 100, test: 0 },
        classCounts: { train: ones, val: ones, test: classes.map(() => 0) },
      }),
    );
    const rows = page.getByRole('row', { name: /^class \d/ });
    await expect.poll(() => rows.elements().length).toBe(20);
    await page.getByRole('button', { name: t.showAllClasses(100) }).click();
    await expect.poll(() => rows.elements().length).toBe(100);
  });
});

describe('stored datasets', () => {
  test('are opened by name, and deleted only after a question', async () => {
    const other = fakeDataset({ id: 'data-2', name: 'flowers', createdAt: 0 });
    const session = await open(fakeImporter([fakeDataset(), other]));
    await page.getByRole('button', { name: t.openNamed('flowers') }).click();
    expect(session.datasets.current?.id).toBe('data-2');
    await page.getByRole('button', { name: t.deleteNamed('flowers') }).click();
    const dialog = page.getByRole('dialog', { name: t.deleteTitle });
    await dialog.getByRole('button', { name: t.keep }).click();
    await expect.element(dialog).not.toBeInTheDocument();
    expect(session.datasets.list).toHaveLength(2);
    await page.getByRole('button', { name: t.deleteNamed('flowers') }).click();
    await dialog.getByRole('button', { name: t.deleteConfirm }).click();
    await expect.poll(() => session.datasets.list.map(({ id }) => id)).toEqual(['data-1']);
    expect(session.datasets.current).toBeNull();
  });

  test('are found again after a reload, the open one open', async () => {
    const session = await openWith(fakeDataset());
    expect(localStorage.getItem('graft.dataset')).toBe('data-1');
    expect(session.datasets.current?.name).toBe('fruit');
  });
});

test('everything is found by its name in Chinese too', async () => {
  await openWith(fakeDataset());
  i18n.choose('zh');
  const zh = i18n.t.data;
  await expect.element(page.getByRole('heading', { name: zh.title })).toBeVisible();
  await expect.element(page.getByRole('table', { name: zh.tableCaption })).toBeVisible();
  await expect.element(page.getByRole('button', { name: zh.deleteNamed('fruit') })).toBeVisible();
  await expect.element(page.getByLabelText(zh.pickZip)).toBeInTheDocument();
});
