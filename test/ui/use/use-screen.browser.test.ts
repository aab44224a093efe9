import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { TriedPhoto } from '../../../src/protocol/trainer-api.ts';
import type { Session } from '../../../src/session/context.ts';
import UseScreen from '../../../src/ui/use/UseScreen.svelte';
import { useStep } from '../../../src/ui/use/step.ts';
import { fakeRun } from '../support/fake-runs.ts';
import { redSquare, show, type FakeWorkers } from '../support/show.ts';

const tried: TriedPhoto = {
  probabilities: [],
  top: [
    { label: 3, probability: 0.912 },
    { label: 0, probability: 0.06 },
    { label: 5, probability: 0.02 },
    { label: 1, probability: 0.005 },
    { label: 2, probability: 0.003 },
  ],
  ms: 48.3,
};

const open = (trainer: NonNullable<FakeWorkers['trainer']>): Promise<Session> =>
  show(UseScreen, { trainer: { 'runs.list': () => [fakeRun()], ...trainer } });

const photo = async (name: string): Promise<File> =>
  new File([await redSquare()], name, { type: 'image/png' });

/** What the browser would have saved. */
function watchDownloads(): { name: string; text: Promise<string> }[] {
  const seen: { name: string; text: Promise<string> }[] = [];
  document.addEventListener(
    'click',
    (event) => {
      const link = event.target;
      if (!(link instanceof HTMLAnchorElement) || !link.download) return;
      event.preventDefault();
      seen.push({ name: link.download, text: fetch(link.href).then((answer) => answer.text()) });
    },
    { capture: true },
  );
  return seen;
}

test('without a run it says why and leads to training', async () => {
  const session = await show(UseScreen, {});
  await expect.element(page.getByText(/There is no trained model yet/)).toBeVisible();
  expect(page.getByRole('button', { name: 'Download weights' }).elements()).toHaveLength(0);
  expect(useStep(session)).toEqual({ status: 'blocked', note: 'after training' });
  await page.getByRole('button', { name: 'To training' }).click();
  expect(session.app.step).toBe('train');
});

test('each photo shows the five most likely classes with percentages', async () => {
  const asked: string[] = [];
  await open({
    'predict.photo': ({ runId }) => {
      asked.push(runId);
      return tried;
    },
  });
  await page
    .getByLabelText('Choose photos')
    .upload([await photo('柠檬.png'), await photo('b.png')]);
  const list = page.getByRole('list', { name: 'Most likely classes of 柠檬.png' });
  await expect.element(list).toBeVisible();
  const items = list.getByRole('listitem').elements();
  expect(items.map((item) => item.textContent.replace(/\s+/g, ' ').trim())).toEqual([
    '柠檬 91.2 %',
    '苹果 6.0 %',
    '梨 2.0 %',
    '香蕉 0.5 %',
    '猕猴桃 0.3 %',
  ]);
  await expect.element(page.getByRole('img', { name: 'The photo b.png' })).toBeVisible();
  await expect.poll(() => asked).toEqual(['run-1', 'run-1']);
});

test('a photo that cannot be read fails alone, and its picture is released with it', async () => {
  const error = new AppError('decode-failed', { name: 'notes.jpg', detail: 'no picture' });
  const session = await open({
    'predict.photo': ({ photo }) => {
      if (photo instanceof File && photo.name === 'notes.jpg') throw error;
      return tried;
    },
  });
  const text = new File(['not a picture'], 'notes.jpg', { type: 'image/jpeg' });
  await page.getByLabelText('Choose photos').upload([text, await photo('good.png')]);
  await expect.element(page.getByRole('alert')).toHaveTextContent(i18n.error(error));
  await expect
    .element(page.getByRole('list', { name: 'Most likely classes of good.png' }))
    .toBeVisible();
  const url = session.trial.trials.find(({ name }) => name === 'good.png')?.url ?? '';
  await page.getByRole('button', { name: 'Remove good.png' }).click();
  await expect.element(page.getByText('good.png')).not.toBeInTheDocument();
  await expect(fetch(url)).rejects.toThrow();
});

test('a photo is offered another try only where that could help', async () => {
  await open({
    'predict.photo': ({ photo }) => {
      const name = photo instanceof File ? photo.name : '';
      throw name === 'notes.pdf'
        ? new AppError('not-an-image', { name })
        : new AppError('worker-died', { worker: 'trainer', detail: '' });
    },
  });
  await page.getByLabelText('Choose photos').upload([new File(['%PDF'], 'notes.pdf')]);
  await expect.element(page.getByRole('alert')).toHaveTextContent('notes.pdf');
  expect(page.getByRole('button', { name: 'Try again' }).elements()).toEqual([]);
  await page.getByLabelText('Choose photos').upload([await photo('a.png')]);
  await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('the report says why it cannot be made once the photos are gone', async () => {
  const session = await open({});
  const report = page.getByRole('button', { name: 'Download report' });
  await expect.element(report).not.toHaveAttribute('aria-disabled');
  session.datasets.loaded = true; // and the run's dataset is not among them
  await expect.element(report).toHaveAccessibleDescription(i18n.t.use.download.noReport);
});

test('another run looks at the photos again', async () => {
  const asked: string[] = [];
  const session = await show(UseScreen, {
    trainer: {
      'runs.list': () => [fakeRun({ createdAt: 2 }), fakeRun({ id: 'run-2', createdAt: 1 })],
      'predict.photo': ({ runId }) => {
        asked.push(runId);
        return tried;
      },
    },
  });
  await page.getByLabelText('Choose photos').upload(await photo('a.png'));
  await expect.poll(() => asked).toEqual(['run-1']);
  session.runs.select('run-2');
  await expect.poll(() => asked).toEqual(['run-1', 'run-2']);
});

test('weights and report come as downloads of the browser', async () => {
  const downloads = watchDownloads();
  await open({
    'export.package': ({ format }) => ({ fileName: 'fruit8.zip', zip: new Blob([format]) }),
    'export.report': () => ({ confusion: [[1]] }) as never,
  });
  await page.getByRole('button', { name: 'Download weights' }).click();
  await expect
    .element(page.getByText('fruit8.zip (11 B) was handed to your browser.'))
    .toBeVisible();
  await page.getByRole('button', { name: 'Download report' }).click();
  await expect.poll(() => downloads.map(({ name }) => name)).toEqual(['fruit8.zip', 'report.json']);
  expect(await downloads[0]?.text).toBe('safetensors');
  expect(JSON.parse((await downloads[1]?.text) ?? '')).toEqual({ confusion: [[1]] });
});

test('an export that fails says so in place', async () => {
  const error = new AppError('run-not-found', { id: 'run-1' });
  await open({ 'export.package': () => Promise.reject(error) });
  await page.getByRole('button', { name: 'Download weights' }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent(i18n.error(error));
});
