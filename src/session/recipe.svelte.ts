/**
 * The draft of a run's settings. Only what the person changed is kept; everything else follows the
 * defaults, which follow the strategy. Kept in localStorage, so that a reload loses nothing.
 */
import { backboneNames, type BackboneName } from '../protocol/backbone.ts';
import {
  augmentations,
  precisions,
  strategies,
  type Augmentation,
  type Precision,
  type RunConfig,
  type Strategy,
} from '../protocol/run.ts';
import { defaultRunConfig, runRanges, type NumericSetting } from '../protocol/run-defaults.ts';
import { recall, remember } from './remember.ts';

const key = 'recipe';
export const numericSettings = Object.keys(runRanges) as NumericSetting[];

interface Draft {
  backbone: BackboneName;
  strategy: Strategy;
  augment: Augmentation;
  precision: Precision;
  /** As typed: null for a field that holds no number. */
  changed: Partial<Record<NumericSetting, number | null>>;
}

export class RecipeSession {
  #draft = $state.raw<Draft>(this.#initial());
  #defaults = $derived(
    defaultRunConfig('', this.#draft.strategy, globalThis.navigator.hardwareConcurrency),
  );
  /** The settings that are not what they may be. */
  invalid = $derived(numericSettings.filter((name) => !isValid(name, this.value(name))));
  /** The settings that differ from their defaults. */
  changed = $derived<(NumericSetting | 'augment' | 'precision')[]>([
    ...numericSettings.filter((name) => this.value(name) !== this.#defaults[name]),
    ...(this.#draft.augment === this.#defaults.augment ? [] : (['augment'] as const)),
    ...(this.#draft.precision === this.#defaults.precision ? [] : (['precision'] as const)),
  ]);

  get backbone(): BackboneName {
    return this.#draft.backbone;
  }
  set backbone(backbone: BackboneName) {
    this.#keep({ ...this.#draft, backbone });
  }
  get strategy(): Strategy {
    return this.#draft.strategy;
  }
  /** Another strategy wants another learning rate, whatever was typed for the last one. */
  set strategy(strategy: Strategy) {
    const changed = { ...this.#draft.changed };
    delete changed.learningRate;
    this.#keep({ ...this.#draft, strategy, changed });
  }
  get augment(): Augmentation {
    return this.#draft.augment;
  }
  set augment(augment: Augmentation) {
    this.#keep({ ...this.#draft, augment });
  }
  get precision(): Precision {
    return this.#draft.precision;
  }
  set precision(precision: Precision) {
    this.#keep({ ...this.#draft, precision });
  }

  value(name: NumericSetting): number | null {
    const changed = this.#draft.changed[name];
    return changed === undefined ? this.#defaults[name] : changed;
  }
  defaultValue(name: NumericSetting): number {
    return this.#defaults[name];
  }
  set(name: NumericSetting, value: number | null): void {
    this.#keep({ ...this.#draft, changed: { ...this.#draft.changed, [name]: value } });
  }
  reset(): void {
    const { augment, precision } = this.#defaults;
    this.#keep({ ...this.#draft, augment, precision, changed: {} });
  }

  /** The settings of a run, once all are valid. */
  config(datasetId: string): RunConfig | null {
    if (this.invalid.length > 0) return null;
    const { backbone, strategy, augment, precision } = this.#draft;
    const config = { ...this.#defaults, datasetId, backbone, strategy, augment, precision };
    for (const name of numericSettings) config[name] = this.value(name) ?? config[name];
    return config;
  }

  #keep(draft: Draft): void {
    this.#draft = draft;
    remember(key, JSON.stringify(draft));
  }

  /** What was kept, as far as it still means something. */
  #initial(): Draft {
    const { backbone, strategy, augment, precision } = defaultRunConfig('');
    const kept = parse(recall(key));
    const changed = (kept['changed'] ?? {}) as Record<string, unknown>;
    return {
      backbone: backboneNames.find((name) => name === kept['backbone']) ?? backbone,
      strategy: strategies.find((name) => name === kept['strategy']) ?? strategy,
      augment: augmentations.find((name) => name === kept['augment']) ?? augment,
      precision: precisions.find((name) => name === kept['precision']) ?? precision,
      changed: Object.fromEntries(
        numericSettings
          .filter((name) => typeof changed[name] === 'number')
          .map((name) => [name, changed[name]]),
      ),
    };
  }
}

export function isValid(name: NumericSetting, value: number | null): boolean {
  const { min, max, whole } = runRanges[name];
  return value !== null && value >= min && value <= max && (!whole || Number.isInteger(value));
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
