/** Makes the page's session out of its parts, and sets it going. */
import {
  createImportClient,
  createTrainerClient,
  type ImportClient,
  type TrainerClient,
} from '../client/workers.ts';
import { AppSession } from './app.svelte.ts';
import { BackbonesSession } from './backbones.svelte.ts';
import type { Session } from './context.ts';
import { DatasetsSession } from './datasets.svelte.ts';
import { asksForProfile, preferenceFrom } from './device-address.ts';
import { DeviceSession } from './device.svelte.ts';
import { DownloadsSession } from './downloads.svelte.ts';
import { EvaluationSession } from './evaluation.svelte.ts';
import { PhotosSession } from './photos.ts';
import { PrivacySession } from './privacy.svelte.ts';
import { ProfileSession } from './profile.svelte.ts';
import { RecipeSession } from './recipe.svelte.ts';
import { RunsSession } from './runs.svelte.ts';
import { TrainingSession } from './training.svelte.ts';
import { TrialSession } from './trial.svelte.ts';

/** The workers are spawned when they are first called; tests give clients of their own. */
export function createSession(
  importer: ImportClient = createImportClient(),
  trainer: TrainerClient = createTrainerClient(),
): Session {
  const runs = new RunsSession(trainer);
  return {
    app: new AppSession(),
    privacy: new PrivacySession(),
    device: new DeviceSession(trainer, preferenceFrom(location.search)),
    datasets: new DatasetsSession(importer),
    photos: new PhotosSession(importer),
    backbones: new BackbonesSession(trainer),
    recipe: new RecipeSession(),
    runs,
    training: new TrainingSession(trainer, runs),
    profile: new ProfileSession(trainer, asksForProfile(location.search)),
    evaluation: new EvaluationSession(trainer),
    trial: new TrialSession(trainer),
    downloads: new DownloadsSession(trainer),
  };
}

/** After the first paint: workers start, and what is stored is listed. */
export function startSession(session: Session): void {
  const { app, privacy, device, datasets, backbones, runs } = session;
  app.start();
  privacy.start();
  void datasets.load();
  void device.choose();
  void backbones.load();
  void runs.load();
}
