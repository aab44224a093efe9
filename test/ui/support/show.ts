/** A screen in the browser, over a session whose workers are the test's own. */
import { render } from 'vitest-browser-svelte';
import type { Component } from 'svelte';
import type { ImportApi } from '../../../src/protocol/import-api.ts';
import type { Handlers } from '../../../src/protocol/rpc.ts';
import type { TrainerApi } from '../../../src/protocol/trainer-api.ts';
import { i18n } from '../../../src/i18n/index.svelte.ts';
import type { Session } from '../../../src/session/context.ts';
import { createSession } from '../../../src/session/session.ts';
import { fakeClient } from './fake-server.ts';
import WithSession from './WithSession.svelte';

export interface FakeWorkers {
  trainer?: Partial<Handlers<TrainerApi>>;
  importer?: Partial<Handlers<ImportApi>>;
}

/** In English unless the test says otherwise; nothing is remembered from the test before. */
export async function show(Screen: Component, workers: FakeWorkers): Promise<Session> {
  localStorage.clear();
  i18n.choose('en');
  const session = createSession(
    fakeClient<ImportApi>(workers.importer ?? {}),
    fakeClient<TrainerApi>({
      'runs.list': () => [],
      'backbones.list': () => [],
      ...workers.trainer,
    }),
  );
  await session.runs.load();
  await render(WithSession, { session, Screen });
  return session;
}

/** A stored photo: any picture will do. */
export const redSquare = async (): Promise<Blob> => {
  const canvas = new OffscreenCanvas(8, 8);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = 'red';
  context.fillRect(0, 0, 8, 8);
  return canvas.convertToBlob();
};
