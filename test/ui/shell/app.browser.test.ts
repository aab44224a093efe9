/** The frame: steps in the address, device and privacy chips, language and appearance. */
import { beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import App from '../../../src/App.svelte';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { ImportApi } from '../../../src/protocol/import-api.ts';
import type { Handlers } from '../../../src/protocol/rpc.ts';
import type { TrainerApi } from '../../../src/protocol/trainer-api.ts';
import type { Session } from '../../../src/session/context.ts';
import { createSession, startSession } from '../../../src/session/session.ts';
import { fakeDataset, fakeImporter, lite0 } from '../support/fake-data.ts';
import { fakeClient } from '../support/fake-server.ts';
import { wasm } from '../support/fake-runs.ts';

const t = i18n.t.common;

beforeEach(() => {
  localStorage.clear();
  location.hash = '';
  i18n.choose('en');
});

async function open(trainer: Partial<Handlers<TrainerApi>> = {}): Promise<Session> {
  const session = createSession(
    fakeClient<ImportApi>(fakeImporter([fakeDataset()])),
    fakeClient<TrainerApi>({
      'device.choose': () => wasm,
      'backbones.list': () => [lite0],
      'runs.list': () => [],
      ...trainer,
    }),
  );
  await render(App, { session });
  startSession(session);
  return session;
}

const steps = page.getByRole('navigation', { name: t.steps });

test('five steps, each with its state, and the address keeps the one that is open', async () => {
  const session = await open();
  await expect.poll(() => steps.getByRole('link').elements().length).toBe(5);
  await expect.element(steps.getByRole('link', { name: /Data/ })).toHaveTextContent(t.noData);
  await steps.getByRole('link', { name: /Model/ }).click();
  await expect.element(page.getByRole('heading', { name: i18n.t.model.title })).toBeVisible();
  expect(location.hash).toBe('#model');
  await expect
    .element(steps.getByRole('link', { name: /Model/ }))
    .toHaveAttribute('aria-current', 'step');
  session.datasets.open('data-1');
  await expect
    .element(steps.getByRole('link', { name: /Data/ }))
    .toHaveTextContent(t.dataNote('fruit', 2, 8));
});

test('the device is named, and why it was chosen', async () => {
  await open();
  await page.getByRole('button', { name: `${t.device}: ${t.deviceCpu}` }).click();
  const panel = page.getByRole('dialog', { name: t.deviceTitle });
  await expect.element(panel).toHaveTextContent(t.deviceReasons.asked);
});

test('a device that failed says so and can be tried again', async () => {
  let attempts = 0;
  await open({
    'device.choose': () => {
      if (attempts++ === 0) throw new AppError('webgpu-unavailable', { reason: 'no adapter' });
      return wasm;
    },
  });
  await page.getByRole('button', { name: `${t.device}: ${t.deviceFailed}` }).click();
  await expect.element(page.getByRole('alert')).toHaveTextContent('no adapter');
  await page.getByRole('button', { name: t.deviceRetry }).click();
  await expect
    .element(page.getByRole('button', { name: `${t.device}: ${t.deviceCpu}` }))
    .toBeVisible();
});

test('the privacy panel says what was counted', async () => {
  const session = await open();
  await page.getByRole('button', { name: t.bytesSent }).click();
  const row = page.getByRole('row', { name: t.privacyElsewhere });
  await expect.element(row).toHaveTextContent(/0$/);
  session.privacy.elsewhere = 2;
  await expect.element(page.getByRole('button', { name: t.requestsElsewhere(2) })).toBeVisible();
});

test('a file dropped beside the drop zone does not take the page away', async () => {
  await open();
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['PK'], 'fruit.zip'));
  for (const kind of ['dragover', 'drop']) {
    const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  }
});

describe('display', () => {
  test('language switches in place and is remembered', async () => {
    await page.viewport(1280, 800);
    await open();
    await page.getByRole('radio', { name: '中文' }).click({ force: true });
    await expect.element(page.getByRole('heading', { name: '你的照片' })).toBeVisible();
    expect(document.documentElement.lang).toBe('zh-CN');
    expect(localStorage.getItem('graft.language')).toBe('zh');
  });

  test('appearance follows the system until it is chosen', async () => {
    await page.viewport(1280, 800);
    await open();
    expect(document.documentElement.dataset['theme']).toBe('auto');
    await page.getByRole('radio', { name: t.themeDark }).click({ force: true });
    expect(getComputedStyle(document.documentElement).colorScheme).toBe('dark');
    expect(localStorage.getItem('graft.theme')).toBe('dark');
  });

  test.each([360, 1280, 3840])('nothing is wider than the page at %d px', async (width) => {
    await page.viewport(width, 800);
    const session = await open();
    session.datasets.open('data-1');
    for (const step of ['data', 'model', 'train', 'evaluate', 'use'] as const) {
      session.app.go(step);
      await expect.element(page.getByRole('main')).toBeVisible();
      expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    }
  });
});
