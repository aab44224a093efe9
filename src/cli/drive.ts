/**
 * What a person does with the page, from the zip to the downloads, step by step. It finds every
 * control by the words of the page's own dictionary, so both languages are driven alike.
 */
import { basename } from 'node:path';
import type { Download } from 'playwright';
import { CliError } from './errors.ts';
import type { FinetuneOptions } from './options.ts';
import { fill, press, throwIfAlert, waitFor, type Visitor } from './page.ts';
import { createProgressLines } from './progress-lines.ts';

export async function importZip(visitor: Visitor, zip: string): Promise<void> {
  const { page, t, print } = visitor;
  const input = page.getByLabel(t.data.pickZip, { exact: true });
  await waitFor(visitor, page.getByText(t.data.pickZip, { exact: true }));
  await input.setInputFiles(zip);
  const progress = createProgressLines(print);
  const onward = page.getByRole('link', { name: t.data.continue, exact: true });
  await waitFor(visitor, onward, () => progress.follow(page));
  const tile = async (label: string) => {
    const group = page.getByRole('group', { name: label, exact: true });
    return `${label} ${(await group.locator('b').innerText()).trim()}`;
  };
  const { classes, photos, skipped } = t.data;
  const { train, val } = t.common.split;
  print((await Promise.all([classes, photos, train, val, skipped].map(tile))).join(' · '));
  await onward.click();
}

export async function chooseRecipe(visitor: Visitor, options: FinetuneOptions): Promise<void> {
  const { page, t, print } = visitor;
  const card = (group: string, words: string) =>
    page
      .getByRole('radiogroup', { name: group, exact: true })
      .locator('label')
      .filter({ hasText: words });

  // the strategy first: it sets the defaults of what comes after
  if (options.strategy) {
    await card(t.model.strategyTitle, t.model.strategies[options.strategy].when).click();
  }
  await waitFor(visitor, page.getByRole('radiogroup', { name: t.model.backboneTitle }));
  if (options.backbone) {
    await card(t.model.backboneTitle, t.model.backboneLeads[options.backbone]).click();
  }
  if (options.weights) await addWeights(visitor, options.weights);

  const { epochs, ...advanced } = options.settings;
  if (epochs !== undefined) await fill(visitor, t.model.settings.epochs.label, epochs);
  if (Object.keys(advanced).length > 0 || options.augment || options.precision) {
    const fold = page.locator('details').filter({ hasText: t.model.advanced });
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').click();
  }
  for (const [name, value] of Object.entries(advanced)) {
    await fill(visitor, t.model.settings[name as keyof typeof advanced].label, value);
  }
  if (options.augment) {
    const select = page.getByRole('combobox', { name: t.model.augment.label, exact: true });
    await select.selectOption({ label: t.model.augment.options[options.augment] });
  }
  if (options.precision) {
    const select = page.getByRole('combobox', { name: t.model.precision.label, exact: true });
    await select.selectOption({ label: t.model.precision.options[options.precision] });
  }

  const start = page.getByRole('button', { name: t.model.start, exact: true });
  const device = page.getByRole('button', { name: t.common.device });
  await press(visitor, start, [t.model.blockedDevice]);
  print((await device.getAttribute('aria-label')) ?? '');
}

/** The drop zone of the chosen backbone, or of the only one that takes a file. */
async function addWeights(visitor: Visitor, file: string): Promise<void> {
  const { page, t } = visitor;
  const group = page.getByRole('radiogroup', { name: t.model.backboneTitle, exact: true });
  const chosen = group.locator('.card').filter({ has: page.getByRole('radio', { checked: true }) });
  const input = chosen.getByLabel(t.model.weightsPick, { exact: true });
  if ((await input.count()) === 0) {
    throw new CliError(
      `--weights: the chosen backbone has its weights already and takes no file (${await chosen
        .locator('.title')
        .innerText()}).`,
    );
  }
  await input.setInputFiles(file);
  await waitFor(visitor, chosen.getByText(basename(file)));
}

export async function train(visitor: Visitor): Promise<void> {
  const { page, t, print } = visitor;
  const progress = createProgressLines(print);
  const epochTable = page.getByRole('region', { name: t.train.table.caption, exact: true });
  const seen = new Set<string>();

  /** The newest epoch is the first row; the best one has a mark behind its number. */
  const printEpochs = async () => {
    const rows = await epochTable
      .locator('tbody tr')
      .evaluateAll((found) =>
        found.map((row) => [...row.children].map((cell) => (cell.textContent ?? '').trim())),
      );
    const words = t.train.table;
    const names = [words.trainLoss, words.trainTop1, words.valLoss, words.valTop1, words.valTop5];
    for (const [first = '', ...cells] of rows.reverse()) {
      const epoch = first.split(' ')[0] ?? '';
      if (seen.has(epoch)) continue;
      seen.add(epoch);
      const figures = names.map((name, i) => `${name} ${cells[i]}`).join(' · ');
      print(`${words.epoch} ${epoch} · ${figures} · ${cells.at(-1)} s`);
    }
  };

  const onward = page.getByRole('button', { name: t.train.toEvaluate, exact: true });
  const again = page.getByRole('button', { name: t.train.again, exact: true });
  await waitFor(visitor, onward.or(again), async () => {
    await progress.follow(page);
    await printEpochs();
  });
  await printEpochs();
  await throwIfAlert(visitor);
  await press(visitor, onward);
}

/** Reads the verdict and goes on to the last step. */
export async function readResults(visitor: Visitor): Promise<void> {
  const { page, t, print } = visitor;
  await waitFor(visitor, page.getByRole('region', { name: t.evaluate.tiles.label }));
  print((await page.getByRole('heading', { level: 1 }).innerText()).trim());
  await press(visitor, page.getByRole('button', { name: t.evaluate.toUse, exact: true }));
}

export async function download(visitor: Visitor, button: string): Promise<Download> {
  const { page, t } = visitor;
  let file: Download | null = null;
  page.once('download', (found) => (file = found));
  const control = page.getByRole('button', { name: button, exact: true });
  await press(visitor, control, [t.use.download.working]);
  for (;;) {
    await throwIfAlert(visitor);
    if (file) return file;
    await page.waitForTimeout(100);
  }
}
