/**
 * Which device computes, and why. Asked for as soon as the page stands, so that the header can name
 * it; asked again when the trainer worker has died and was replaced.
 */
import type { DeviceInfo, DevicePreference } from '../protocol/device.ts';
import { toErrorData, type AppError, type ErrorData } from '../protocol/errors.ts';
import type { TrainerClient } from '../client/workers.ts';

/** A worker that dies twice within this time is left alone until somebody asks again. */
const restartPauseMs = 10_000;

export class DeviceSession {
  info = $state.raw<DeviceInfo | null>(null);
  error = $state.raw<ErrorData | null>(null);
  readonly preference: DevicePreference;
  readonly #trainer: TrainerClient;
  #lastChoice = -Infinity;

  constructor(trainer: TrainerClient, preference: DevicePreference) {
    this.#trainer = trainer;
    this.preference = preference;
    trainer.onDeath((error) => this.#died(error));
  }

  async choose(): Promise<void> {
    this.#lastChoice = performance.now();
    this.info = null;
    this.error = null;
    try {
      this.info = await this.#trainer.call('device.choose', { preference: this.preference });
    } catch (error) {
      this.error = toErrorData(error);
    }
  }

  #died(error: AppError): void {
    this.info = null;
    this.error = toErrorData(error);
    if (performance.now() - this.#lastChoice > restartPauseMs) void this.choose();
  }
}
