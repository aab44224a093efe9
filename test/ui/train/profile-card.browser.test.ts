/** The profile's card, on pages that ask for one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import { profileText } from '../../../src/i18n/profile-text.ts';
import type { DeviceInfo } from '../../../src/protocol/device.ts';
import { AppError } from '../../../src/protocol/errors.ts';
import type { Profile, ProfileTask } from '../../../src/protocol/profile.ts';
import type { Run } from '../../../src/protocol/run.ts';
import type { Session } from '../../../src/session/context.ts';
import TrainScreen from '../../../src/ui/train/TrainScreen.svelte';
import { fakeProfile } from '../support/fake-profile.ts';
import { fakeEpochs, fakeRun, wasm } from '../support/fake-runs.ts';
import { show } from '../support/show.ts';

const address = location.href;
const asking = (query: string) => history.replaceState(null, '', `?${query}`);
beforeEach(() => asking('profile'));
afterEach(() => history.replaceState(null, '', address));

const past = fakeRun({ config: { backbone: 'resnet18', imageSize: 64, batchSize: 4 } });
const card = page.getByRole('region', { name: 'Profile of a training step' });

let asked: ProfileTask[];

async function open(
  options: { answer?: () => Profile | Promise<Profile>; device?: DeviceInfo; runs?: Run[] } = {},
): Promise<{ session: Session; end: (run: Run) => void }> {
  const { answer = () => fakeProfile, device = fakeProfile.device, runs = [past] } = options;
  asked = [];
  let end: (run: Run) => void = () => undefined;
  const session = await show(TrainScreen, {
    trainer: {
      'runs.list': () => runs,
      'device.choose': () => device,
      'train.start': (_, { emit }) => {
        const live = fakeRun({ id: 'live', epochs: 0, status: 'running', config: past.config });
        emit({ kind: 'started', run: live });
        return new Promise((resolve) => (end = resolve));
      },
      'train.profile': (task) => {
        asked.push(task);
        return answer();
      },
    },
  });
  await session.device.choose();
  return { session, end: (run) => end(run) };
}

test('nothing of it shows unless the address asks', async () => {
  asking('device=webgpu');
  await open();
  await expect.element(page.getByRole('heading', { name: 'Training is done' })).toBeVisible();
  expect(card.elements()).toEqual([]);
});

test('a run of before is measured when asked for: kernels, layers behind a fold, and text', async () => {
  await open();
  await card.getByRole('button', { name: 'Measure a step of this run' }).click();
  const kernels = card.getByRole('table', { name: 'By kernel' });
  const convolutions = 'conv2d/forward 8.000 80.0 % 4.00 G 50.0 % 40.0 MB 5.0 % 2';
  await expect.element(kernels.getByRole('row', { name: convolutions })).toBeVisible();
  expect(kernels.getByRole('rowheader').elements()).toHaveLength(2);
  expect(asked).toEqual([{ backbone: 'resnet18', imageSize: 64, batchSize: 4, classes: 8 }]);

  const facts = card.getByText('Host', { exact: true }).element().parentElement;
  expect(facts?.textContent).toMatch(/0\.25\sms.*2\.0\s% of the step/);
  await expect
    .element(card.getByText(/browser rounds to 66 µs, as means over 12 steps/))
    .toBeVisible();

  const layers = card.getByRole('table', { name: 'All layers' });
  expect(layers.elements()).toEqual([]);
  await card.getByText('All layers', { exact: true }).first().click();
  await expect.element(layers.getByRole('row', { name: /^layer1\.0\.bn1/ })).toBeVisible();

  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
  await card.getByRole('button', { name: 'Copy as text' }).click();
  expect(write).toHaveBeenCalledWith(profileText(fakeProfile));
  await expect.element(card.getByText('Copied')).toBeVisible();

  i18n.choose('zh');
  await expect.element(page.getByRole('table', { name: '按内核' })).toBeVisible();
});

test('a run that ends is measured by itself, not before', async () => {
  const { session, end } = await open({ runs: [] });
  void session.training.start(past.config);
  await expect.poll(() => session.training.run?.id).toBe('live');
  await expect.element(card.getByText(/Measured when this run has ended/)).toBeVisible();
  expect(asked).toEqual([]);
  end({ ...past, id: 'live', epochs: fakeEpochs(1) });
  await expect.element(card.getByRole('table', { name: 'By kernel' })).toBeVisible();
  expect(asked).toHaveLength(1);
  await card.getByRole('button', { name: 'Measure again' }).click();
  await expect.poll(() => asked.length).toBe(2);
});

test('on the CPU it says why there is nothing', async () => {
  await open({ device: wasm });
  const params = { found: wasm.adapter };
  const sentence = i18n.error(new AppError('profile-needs-webgpu', params));
  await expect.element(card.getByText(sentence)).toBeVisible();
  expect(card.getByRole('button').elements()).toEqual([]);
});

test('a failure is said, and it can be tried again', async () => {
  const error = new AppError('device-lost', { detail: 'gone' });
  await open({ answer: () => Promise.reject(error) });
  await card.getByRole('button', { name: 'Measure a step of this run' }).click();
  await expect.element(card.getByRole('alert')).toHaveTextContent(i18n.error(error));
  await expect
    .element(card.getByRole('button', { name: 'Measure a step of this run' }))
    .toBeVisible();
});
