/** What the bench asks of a worker that trains only a head, photos to last epoch. */
import type { DevicePreference } from '../../src/protocol/device.ts';
import type { EngineName } from './engine-api.ts';

export interface HeadTimes {
  adapter: string;
  workers: number; // threads that ran the backbone
  photos: number; // that went through it: the first of the case's
  featuresMs: number; // for those, from nothing, workers' start included
  epochsMs: number; // all epochs of the case, over the features of all its photos
}

export interface HeadApi {
  train: {
    params: {
      engine: EngineName;
      caseName: string;
      device: DevicePreference;
      photos: number; // to run through the backbone
    };
    result: HeadTimes;
    event: never;
  };
}
