/** The backbones, and for each whether its pretrained weights are at hand. */
import type { BackboneInfo, BackboneName } from '../protocol/backbone.ts';
import { toErrorData, type ErrorData } from '../protocol/errors.ts';
import type { Caller } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';

export class BackbonesSession {
  list = $state.raw<BackboneInfo[]>([]);
  loaded = $state(false);
  /** Whose weights file is being checked. */
  adding = $state<BackboneName | null>(null);
  error = $state.raw<ErrorData | null>(null);
  readonly #trainer: Caller<TrainerApi>;

  constructor(trainer: Caller<TrainerApi>) {
    this.#trainer = trainer;
  }

  find(name: BackboneName): BackboneInfo | null {
    return this.list.find((backbone) => backbone.name === name) ?? null;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.list = await this.#trainer.call('backbones.list', null);
      this.loaded = true;
    });
  }

  /** A `.safetensors` or `.pth` that the person has; it is checked by names and shapes. */
  async addWeights(backbone: BackboneName, file: File): Promise<void> {
    if (this.adding) return;
    this.adding = backbone;
    await this.#attempt(async () => {
      this.#put(await this.#trainer.call('backbones.addWeights', { backbone, file }));
    });
    this.adding = null;
  }

  async deleteWeights(backbone: BackboneName): Promise<void> {
    await this.#attempt(async () => {
      this.#put(await this.#trainer.call('backbones.deleteWeights', { backbone }));
    });
  }

  dismissError(): void {
    this.error = null;
  }

  #put(info: BackboneInfo): void {
    this.list = this.list.map((one) => (one.name === info.name ? info : one));
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      this.error = toErrorData(error);
    }
  }
}
