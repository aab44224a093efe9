import { beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { Run, TrainEvent } from '../../../src/protocol/run.ts';
import type { Session } from '../../../src/session/context.ts';
import { trainStep } from '../../../src/ui/train/step.ts';
import TrainScreen from '../../../src/ui/train/TrainScreen.svelte';
import TrainTitle from '../../../src/ui/train/TrainTitle.svelte';
import { fakeEpochs, fakeRun } from '../support/fake-runs.ts';
import { show } from '../support/show.ts';

/** The worker's end of a run, held by the test. */
class FakeTraining {
  emit: (event: TrainEvent) => void = () => undefined;
  finish: (run: Run) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  begun = false;
  stopped = false;

  readonly handlers = {
    'train.start': (_: unknown, context: { emit(event: TrainEvent): void }) =>
      this.#begin(context.emit),
    'train.resume': (_: unknown, context: { emit(event: TrainEvent): void }) =>
      this.#begin(context.emit),
    'train.stop': () => {
      this.stopped = true;
      return null;
    },
  };

  #begin(emit: (event: TrainEvent) => void): Promise<Run> {
    this.emit = emit;
    this.begun = true;
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }
}

const live = fakeRun({ id: 'live', epochs: 0, status: 'running', config: { epochs: 20 } });
const best = { epoch: 2, valTop1: 0.979, valTop5: 1, interval: [0.927, 0.994] as [number, number] };
const midRun: TrainEvent = {
  kind: 'progress',
  stage: { stage: 'training', epoch: 4, epochs: 20, step: 5, steps: 7 },
  imagesPerSecond: 1284,
  secondsLeft: 38,
  fraction: 0.58,
  runningLoss: 0.118,
  memory: { bytes: 212e6 },
};

let training: FakeTraining;
let session: Session;

async function begin(): Promise<void> {
  void session.training.start(live.config);
  await expect.poll(() => training.begun).toBe(true);
  training.emit({ kind: 'started', run: live });
}

beforeEach(async () => {
  training = new FakeTraining();
  session = await show(TrainScreen, { trainer: training.handlers });
});

test('before any run it says so and leads to the step that is missing', async () => {
  await expect.element(page.getByText(/Nothing has been trained yet/)).toBeVisible();
  await page.getByRole('button', { name: 'Choose data' }).click();
  expect(session.app.step).toBe('data');
});

test('a run under way: stage, speed, time left, figures, a line per epoch', async () => {
  await begin();
  await expect
    .element(page.getByRole('heading', { level: 1 }))
    .toHaveTextContent('Training the last layer');
  for (const metrics of fakeEpochs(3)) training.emit({ kind: 'epoch', metrics, best });
  training.emit(midRun);

  const bar = page.getByRole('progressbar', { name: 'Progress' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '58');
  await expect
    .element(bar)
    .toHaveAttribute('aria-valuetext', 'Epoch 4 of 20, step 5 of 7, 1,284 photos/s · 0:38 left');
  await expect
    .element(page.getByRole('group', { name: 'Validation top-1' }))
    .toHaveTextContent('97.9 % 92.7–99.4');
  await expect
    .element(page.getByRole('group', { name: 'Best epoch' }))
    .toHaveTextContent('2 of 20');
  await expect
    .element(page.getByRole('group', { name: 'Training loss' }))
    .toHaveTextContent('0.118');
  await expect
    .element(page.getByRole('group', { name: 'Peak memory' }))
    .toHaveTextContent('212 MB');

  const table = page.getByRole('table', { name: 'Epochs', exact: true });
  await expect.element(table.getByRole('rowheader').first()).toHaveTextContent('3');
  await expect.element(table.getByRole('row', { name: /2 · best/ })).toBeVisible();
  expect(trainStep(session)).toEqual({ status: 'running', note: 'epoch 4 of 20 · 0:38 left' });
});

test('the curves have words and numbers behind them, and take one point', async () => {
  await begin();
  const [first] = fakeEpochs(1);
  if (!first) throw new Error('no epoch');
  training.emit({ kind: 'epoch', metrics: first, best: { ...best, epoch: 1 } });
  await expect
    .element(page.getByRole('img', { name: /^Loss by epoch\. Epoch 1: training 1\.580/ }))
    .toBeVisible();
  const numbers = page.getByRole('table', { name: 'Accuracy by epoch, as numbers' });
  await expect.element(numbers.getByRole('row', { name: '1 42.6 % 55.2 %' })).toBeInTheDocument();
});

test('stop asks the worker once, and what it kept is shown as ended', async () => {
  await begin();
  await page.getByRole('button', { name: 'Stop and keep best' }).click();
  await expect.element(page.getByText('Stopping …')).toBeVisible();
  expect(training.stopped).toBe(true);
  training.finish({ ...live, status: 'stopped', epochs: fakeEpochs(2), best });
  await expect
    .element(page.getByRole('heading', { level: 1 }))
    .toHaveTextContent('Training was stopped; the best epoch is kept');
  await page.getByRole('button', { name: 'See how good it is' }).click();
  expect(session.app.step).toBe('evaluate');
});

test('a stop before the first epoch says that nothing was kept', async () => {
  await begin();
  await page.getByRole('button', { name: 'Stop and keep best' }).click();
  training.fail(new AppError('cancelled', {}));
  const said = page.getByText(i18n.t.train.stoppedEarly);
  await expect.element(said).toBeVisible();
  expect(page.getByRole('alert').elements()).toEqual([]);
  await page.getByRole('button', { name: i18n.t.common.dismiss }).click();
  await expect.element(said).not.toBeInTheDocument();
});

test('a failure is an alert that says what to do; the run that failed is in the list', async () => {
  await begin();
  const error = new AppError('out-of-memory', { batchSize: 32, imageSize: 224 });
  training.fail(error);
  await expect.element(page.getByRole('alert')).toHaveTextContent(i18n.error(error));
  await expect.element(page.getByRole('button', { name: 'Change the settings' })).toBeVisible();
  expect(trainStep(session).status).toBe('failed');
});

test('a failure before the run has begun is said, whatever run was open before', async () => {
  session = await show(TrainScreen, {
    trainer: { ...training.handlers, 'runs.list': () => [fakeRun()] },
  });
  await expect.element(page.getByRole('heading', { name: 'Training is done' })).toBeVisible();
  void session.training.start(live.config);
  await expect.poll(() => training.begun).toBe(true);
  const error = new AppError('weights-missing', { backbone: 'ResNet-18' });
  training.fail(error);
  await expect.element(page.getByRole('alert')).toHaveTextContent(i18n.error(error));
  await expect.element(page.getByRole('heading', { name: 'Training failed' })).toBeVisible();
  await page.getByRole('button', { name: i18n.t.common.dismiss }).click();
  await expect.element(page.getByRole('heading', { name: 'Training is done' })).toBeVisible();
});

test('notices are said in words', async () => {
  await begin();
  const names = Array.from({ length: 7 }, (_, i) => `train/苹果/${i}.jpg`);
  training.emit({ kind: 'notice', notice: { notice: 'photos-skipped', names } });
  await expect.element(page.getByText('7 photos could not be decoded')).toBeVisible();
  await expect.element(page.getByText('train/苹果/4.jpg')).toBeVisible();
  await expect.element(page.getByText('and 2 more')).toBeVisible();
});

describe('a run that was interrupted', () => {
  test('goes on from its last checkpoint', async () => {
    const run = fakeRun({ epochs: 3, status: 'interrupted' });
    session = await show(TrainScreen, {
      trainer: { ...training.handlers, 'runs.list': () => [run] },
    });
    await expect.element(page.getByText(/closed after epoch 3 of 20/)).toBeVisible();
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect.element(page.getByRole('button', { name: 'Stop and keep best' })).toBeVisible();
    await expect.element(page.getByRole('rowheader', { name: '3 · best' })).toBeVisible();
  });
});

test('the title of the tab tells how far it is, and is itself again when it has ended', async () => {
  session = await show(TrainTitle, { trainer: training.handlers });
  await begin();
  await expect.poll(() => document.title).toBe('0\u00a0% · loading · Graft');
  training.emit(midRun);
  await expect.poll(() => document.title).toBe('58\u00a0% · epoch 4 of 20 · Graft');
  training.finish({ ...live, status: 'finished' });
  await expect.poll(() => document.title).toBe(i18n.t.common.documentTitle);
});
