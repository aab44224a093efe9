/** Trainer worker → feature worker. */
import type { BackboneName } from './backbone.ts';

export interface FeaturesApi {
  /** Once, first: the frozen backbone and its weights, under PyTorch's names and in its layout. */
  open: {
    params: {
      backbone: BackboneName;
      weights: Map<string, { shape: number[]; data: Float32Array }>;
      imageSize: number; // S, px
    };
    result: null;
    event: never;
  };
  /** pixels [count, S, S, 3], normalized → features [count, D]; both buffers are transferred. */
  extract: {
    params: { pixels: Float32Array; count: number };
    result: Float32Array;
    event: never;
  };
}
