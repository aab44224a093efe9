/**
 * The one session of the page, handed down by a Symbol key. Each part owns its own state; screens
 * read and command them, and never keep a copy.
 *
 * `createSession` (session.ts) makes the parts; each constructor takes what it needs of the others.
 */
import { getContext, setContext } from 'svelte';
import type { AppSession } from './app.svelte.ts';
import type { BackbonesSession } from './backbones.svelte.ts';
import type { DatasetsSession } from './datasets.svelte.ts';
import type { DeviceSession } from './device.svelte.ts';
import type { DownloadsSession } from './downloads.svelte.ts';
import type { EvaluationSession } from './evaluation.svelte.ts';
import type { PhotosSession } from './photos.ts';
import type { PrivacySession } from './privacy.svelte.ts';
import type { ProfileSession } from './profile.svelte.ts';
import type { RecipeSession } from './recipe.svelte.ts';
import type { RunsSession } from './runs.svelte.ts';
import type { TrainingSession } from './training.svelte.ts';
import type { TrialSession } from './trial.svelte.ts';

export interface Session {
  app: AppSession;
  privacy: PrivacySession;
  device: DeviceSession;
  datasets: DatasetsSession;
  photos: PhotosSession;
  backbones: BackbonesSession;
  recipe: RecipeSession;
  runs: RunsSession;
  training: TrainingSession;
  profile: ProfileSession;
  evaluation: EvaluationSession;
  trial: TrialSession;
  downloads: DownloadsSession;
}

const key = Symbol('session');

export function setSession(session: Session): void {
  setContext(key, session);
}

export function getSession(): Session {
  return getContext<Session>(key);
}
