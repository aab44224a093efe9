export const backboneNames = ['efficientnet_lite0', 'resnet18', 'mobilenet_v2'] as const;
export type BackboneName = (typeof backboneNames)[number];

/** Written out as `preprocess.json`: for pictures scaled to 0-1. */
export interface Preprocessing {
  mode: 'crop';
  resize: number; // shorter side, px
  crop: number; // px
  mean: [number, number, number];
  std: [number, number, number];
  interpolation: 'bilinear' | 'bicubic';
}

/** A backbone as the page lists it. */
export interface BackboneInfo {
  name: BackboneName;
  title: string; // 'EfficientNet-Lite0'
  parameters: number; // without the ImageNet head
  macs: number; // multiply-adds of one forward pass at 224 px
  features: number; // D
  weights:
    | { source: 'app'; bytes: number }
    | { source: 'file'; fileName: string; bytes: number }
    | { source: 'none' };
}
