/** device.*: which device computes, and what it holds. */
import { memoryInfo } from '../device/memory.ts';
import type { Handlers } from '../protocol/rpc.ts';
import type { TrainerApi } from '../protocol/trainer-api.ts';
import type { TrainerState } from './trainer-state.ts';

export function deviceHandlers(
  state: TrainerState,
): Pick<Handlers<TrainerApi>, 'device.choose' | 'device.memory'> {
  return {
    'device.choose': ({ preference }) => state.chooseDevice(preference),
    async 'device.memory'() {
      await state.device();
      return memoryInfo();
    },
  };
}
