/** One of the feature workers: pixels in, the frozen backbone's features out. */
import { backbones } from '../model/backbones/index.ts';
import type { FeaturesApi } from '../protocol/features-api.ts';
import { serve } from '../protocol/rpc.ts';
import { featureHandlers } from './feature-handlers.ts';

declare const self: DedicatedWorkerGlobalScope;

serve<FeaturesApi>(self, featureHandlers(backbones));
