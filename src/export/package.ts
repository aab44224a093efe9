/** The zip that a person takes home: weights, labels, preprocessing, metrics, and code to run them. */
import type { Backbone } from '../model/graph.ts';
import type { StateDict } from '../model/state-dict.ts';
import type { Preprocessing } from '../protocol/backbone.ts';
import type { EpochMetrics, Run } from '../protocol/run.ts';
import type { ExportFormat } from '../protocol/trainer-api.ts';
import { labelsJson } from './labels.ts';
import { metricsCsv } from './metrics-csv.ts';
import { modelFile } from './model-file.ts';
import predictPy from './predict.py?raw';
import { preprocessJson } from './preprocess.ts';
import { readmeText } from './readme.ts';
import { referenceModels } from './reference-model.ts';
import { zipFiles, type ZipFile } from './zip-files.ts';

export interface PackageContent {
  format: ExportFormat;
  backbone: Backbone;
  stateDict: StateDict;
  classes: readonly string[];
  preprocessing: Preprocessing;
  epochs: readonly EpochMetrics[];
  run: Run;
}

export async function exportPackage(
  content: PackageContent,
): Promise<{ fileName: string; zip: Blob }> {
  const { format, backbone, run } = content;
  const fileName = `${fileStem(run.datasetName)}-${backbone.name}-${format}.zip`;
  return { fileName, zip: zipFiles(packageFiles(content), new Date(run.createdAt)) };
}

function packageFiles(content: PackageContent): ZipFile[] {
  const { format, backbone, stateDict, classes, preprocessing, epochs, run } = content;
  const reference = referenceModels[backbone.name];
  switch (format) {
    case 'safetensors':
      return [
        { name: 'README.txt', content: readmeText(run, backbone.title, reference) },
        { name: 'labels.json', content: labelsJson(classes) },
        { name: 'preprocess.json', content: preprocessJson(preprocessing) },
        { name: 'metrics.csv', content: metricsCsv(epochs) },
        { name: 'predict.py', content: predictPy },
        {
          name: 'model.safetensors',
          content: modelFile(backbone, stateDict, classes.length),
        },
      ];
    default:
      return format satisfies never;
  }
}

/** A dataset's name as the start of a file name: letters and digits of any script. */
function fileStem(name: string): string {
  const stem = name
    .replace(/\.zip$/i, '')
    .normalize('NFC')
    .replace(/[^\p{Letter}\p{Number}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return stem === '' ? 'graft' : [...stem].slice(0, 60).join('');
}
