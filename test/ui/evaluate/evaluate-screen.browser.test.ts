import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import type { Evaluation, Run } from '../../../src/protocol/run.ts';
import type { Session } from '../../../src/session/context.ts';
import { evaluateStep } from '../../../src/ui/evaluate/step.ts';
import EvaluateScreen from '../../../src/ui/evaluate/EvaluateScreen.svelte';
import { classNames, fakeEvaluation, fakeRun } from '../support/fake-runs.ts';
import { redSquare, show, type FakeWorkers } from '../support/show.ts';

const evaluation = fakeEvaluation('run-1', { classes: 8 });
const right = evaluation.predictions.filter((one) => one.label === one.predicted).length;

function open(
  run: Run,
  shown: Evaluation | null = evaluation,
  others: FakeWorkers = {},
): Promise<Session> {
  return show(EvaluateScreen, {
    trainer: { 'runs.list': () => [run], 'runs.evaluation': () => shown, ...others.trainer },
    importer: {
      'datasets.photos': ({ ids }) => Promise.all(ids.map(redSquare)),
      ...others.importer,
    },
  });
}

test('the result stands in plain words before any figure', async () => {
  const session = await open(fakeRun());
  await expect
    .element(page.getByRole('heading', { level: 1 }))
    .toHaveTextContent(`${right} of 96 validation photos are right.`);
  const top1 = page.getByRole('group', { name: 'Top-1' });
  await expect
    .element(top1)
    .toHaveTextContent(i18n.format.percent(right / 96).replace('\u00a0', ' '));
  await expect.element(top1).toHaveTextContent(i18n.format.interval(evaluation.interval));
  expect(evaluateStep(session).status).toBe('ready');
});

describe('the confusion matrix', () => {
  test('a cell opens its photos, with what they are and what they were taken for', async () => {
    await open(fakeRun());
    const wrong = evaluation.predictions.filter((one) => one.label !== one.predicted)[0];
    if (!wrong) throw new Error('the fake makes no mistake');
    const { label, predicted } = wrong;
    const [truth, taken] = [classNames(8)[label] ?? '', classNames(8)[predicted] ?? ''];
    const count = evaluation.confusion[label]?.[predicted] ?? 0;
    await page.getByRole('button', { name: `of ${truth}, predicted as ${taken}` }).click();
    const dialog = page.getByRole('dialog', { name: `${truth}, predicted as ${taken}` });
    await expect.element(dialog).toBeVisible();
    await expect.poll(() => dialog.getByRole('img').elements()).toHaveLength(count);
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog).not.toBeInTheDocument();
  });

  test('is one stop of the tab key; the arrows go from cell to cell', async () => {
    await open(fakeRun());
    const table = page.getByRole('table', {
      name: 'Confusion matrix: rows true, columns predicted',
    });
    await expect.element(table).toBeVisible();
    const cells = table.getByRole('button').elements();
    expect(cells.filter((cell) => cell.getAttribute('tabindex') === '0')).toHaveLength(1);
    const first = cells[0];
    if (!(first instanceof HTMLElement)) throw new Error('no cell');
    first.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement).not.toBe(first);
    expect(table.element().contains(document.activeElement)).toBe(true);
    expect(document.activeElement?.getAttribute('tabindex')).toBe('0');
  });

  test.each([2, 100])('holds with %i classes', async (classes) => {
    await open(fakeRun({ classes }), fakeEvaluation('run-1', { classes, perClass: 3, skill: 6 }));
    const table = page.getByRole('table', { name: /^Confusion matrix/ });
    await expect.element(table).toBeVisible();
    expect(table.getByRole('columnheader').elements()).toHaveLength(classes);
    const scroller = table.element().parentElement;
    expect(scroller?.scrollWidth).toBeGreaterThan(0);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
  });

  test('speaks Chinese', async () => {
    await open(fakeRun());
    i18n.choose('zh');
    await expect.element(page.getByRole('table', { name: /^混淆矩阵/ })).toBeVisible();
    await expect.element(page.getByRole('button', { name: /张牛油果，预测正确/ })).toBeVisible();
  });
});

test('the table of classes sorts by a column and says so', async () => {
  await open(fakeRun());
  const table = page.getByRole('table', { name: 'Precision, recall and F1 of each class' });
  await table.getByRole('button', { name: 'Sort by Recall' }).click();
  const header = table.getByRole('columnheader', { name: 'Recall' });
  await expect.element(header).toHaveAttribute('aria-sort', 'ascending');
  const recalls = table
    .getByRole('row')
    .elements()
    .slice(1)
    .map((row) => Number.parseFloat(row.children[2]?.textContent ?? ''));
  expect(recalls).toEqual([...recalls].sort((a, b) => a - b));
});

test('mistakes are shown as pictures, the surest first', async () => {
  await open(fakeRun());
  const card = page.getByRole('region', { name: 'Most confident mistakes' });
  await expect.poll(() => card.getByRole('img').elements().length).toBe(96 - right);
  const sure = [...card.element().querySelectorAll('dd.num')].map((one) =>
    Number.parseFloat(one.textContent),
  );
  expect(sure).toEqual([...sure].sort((a, b) => b - a));
});

test('photos whose dataset is gone leave their names', async () => {
  const missing = { importer: { 'datasets.photos': () => Promise.reject(new Error('gone')) } };
  await open(fakeRun(), evaluation, missing);
  await expect.element(page.getByText('photo not available').first()).toBeVisible();
});

describe('the list of runs', () => {
  const runs = [
    fakeRun({ id: 'run-1', createdAt: 2 }),
    fakeRun({ id: 'run-2', createdAt: 1, epochs: 3, status: 'stopped' }),
  ];

  test('opens another run, and remembers it over a reload', async () => {
    const asked: string[] = [];
    const session = await show(EvaluateScreen, {
      trainer: {
        'runs.list': () => [...runs],
        'runs.evaluation': ({ id }) => {
          asked.push(id);
          return evaluation;
        },
      },
    });
    const table = page.getByRole('table', { name: 'Runs kept in this browser' });
    await table.getByRole('button', { name: /^Open the run/ }).click();
    await expect.poll(() => asked).toEqual(['run-1', 'run-2']);
    expect(session.runs.selected?.id).toBe('run-2');
    expect(localStorage.getItem('graft.run')).toBe('run-2');
  });

  test('deletes a run only after being asked', async () => {
    const deleted: string[] = [];
    const session = await show(EvaluateScreen, {
      trainer: {
        'runs.list': () => [...runs],
        'runs.evaluation': () => evaluation,
        'runs.delete': ({ id }) => {
          deleted.push(id);
          return null;
        },
      },
    });
    const button = page.getByRole('button', { name: /^Delete the run/ }).first();
    await button.click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect(deleted).toEqual([]);
    await button.click();
    await page
      .getByRole('dialog', { name: 'Delete this run?' })
      .getByRole('button', { name: 'Delete', exact: true })
      .click();
    await expect.poll(() => deleted).toEqual(['run-1']);
    await expect.poll(() => session.runs.selected?.id).toBe('run-2');
  });
});

test('before any run it says why there is nothing', async () => {
  const session = await show(EvaluateScreen, {});
  await expect.element(page.getByText(/There is no trained model yet/)).toBeVisible();
  expect(evaluateStep(session)).toEqual({ status: 'blocked', note: 'after training' });
});
