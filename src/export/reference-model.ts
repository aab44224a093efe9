/** Which Python library builds the same network under the same names, and what it calls it. */
import type { BackboneName } from '../protocol/backbone.ts';

export interface ReferenceModel {
  readonly library: 'timm' | 'torchvision';
  readonly model: string;
  readonly packages: string; // for pip
}

export const referenceModels: Readonly<Record<BackboneName, ReferenceModel>> = {
  efficientnet_lite0: {
    library: 'timm',
    model: 'tf_efficientnet_lite0',
    packages: 'torch timm pillow numpy',
  },
  resnet18: {
    library: 'torchvision',
    model: 'resnet18',
    packages: 'torch torchvision pillow numpy',
  },
  mobilenet_v2: {
    library: 'torchvision',
    model: 'mobilenet_v2',
    packages: 'torch torchvision pillow numpy',
  },
};
