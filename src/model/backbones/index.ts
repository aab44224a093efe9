/** Every backbone that Graft knows, by name. */
import type { BackboneName } from '../../protocol/backbone.ts';
import type { Backbone } from '../graph.ts';
import { efficientnetLite0 } from './efficientnet-lite0.ts';
import { mobilenetV2 } from './mobilenet-v2.ts';
import { resnet18 } from './resnet18.ts';

export const backbones: Readonly<Record<BackboneName, Backbone>> = {
  efficientnet_lite0: efficientnetLite0,
  resnet18,
  mobilenet_v2: mobilenetV2,
};
