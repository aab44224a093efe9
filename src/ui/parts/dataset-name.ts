/** A dataset's name as it is shown: its own, but for the sample, which the app names itself. */
import { i18n } from '../../i18n/index.svelte.ts';
import type { Dataset } from '../../protocol/dataset.ts';
import type { Run } from '../../protocol/run.ts';

export const datasetName = ({ name, source }: Pick<Dataset, 'name' | 'source'>): string =>
  source.kind === 'sample' ? i18n.t.data.sampleShort : name;

/** The dataset that a run was trained on may be gone; the run remembers what it was called. */
export function datasetOfRun(run: Run, { list }: { list: readonly Dataset[] }): string {
  const dataset = list.find(({ id }) => id === run.config.datasetId);
  return dataset ? datasetName(dataset) : run.datasetName;
}
