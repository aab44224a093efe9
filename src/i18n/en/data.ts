/** Step 1: photos in, and what was understood of them. */
import type { NameEncoding } from '../../protocol/dataset.ts';
import { formats } from '../format.ts';
import { counted } from './common.ts';

const f = formats.en;

export const data = {
  title: 'Your photos',
  lead: 'Graft learns from photos sorted into folders, one folder for each class. They are read and kept in this browser and go nowhere else.',
  leadOpen: (name: string) =>
    `This is how “${name}” was understood. Check that the classes and the counts are what you expect.`,
  loadTitle: 'Load photos',
  loadOther: 'Load other photos',
  drop: 'Drop a .zip or a folder here',
  dropHint:
    'It may hold train / val / test folders, or only class folders: then every fifth photo or so is set aside for validation.',
  pickZip: 'Choose a zip',
  pickFolder: 'Choose a folder',
  onlyOne: 'Drop one zip or one folder at a time.',
  sampleTitle: 'Nothing at hand?',
  sampleLead: 'A small set of drawings that comes with the app, to see how everything works.',
  trySample: 'Try the sample',
  sampleName: 'the sample',
  sampleShort: 'sample',
  sampleSource: 'Where the pictures come from',
  sampleLicence: (name: string, licence: string) => `${name}, ${licence}`,
  // import
  importing: (name: string) => `Reading ${name}`,
  importStage: {
    reading: 'Reading the list of files',
    importing: 'Reading photos',
    saving: 'Saving',
  },
  importCount: (done: number, total: number) =>
    total > 0 ? `${f.number(done)} of ${f.number(total)} photos` : counted(done, 'photo'),
  importSpeed: (bytesPerSecond: number) => `${f.number(bytesPerSecond / 1e6, 1)}\u00a0MB/s`,
  importSkipped: (count: number) => `${f.number(count)} skipped so far`,
  cancelImport: 'Cancel import',
  // overview
  continue: 'Choose a model',
  classes: 'Classes',
  photos: 'Photos',
  skipped: 'Skipped',
  size: 'Size',
  importedIn: (seconds: number) => `Read in ${f.number(seconds, 1)}\u00a0s.`,
  tableTitle: 'Classes and counts',
  tableCaption: 'Photos of each class in each split',
  class: 'Class',
  total: 'Total',
  examples: 'Examples',
  showAllClasses: (count: number) => `Show all ${f.number(count)} classes`,
  showFewerClasses: 'Show fewer',
  example: (className: string) => `Photo of ${className}`,
  splitFolders: 'The split is the one of the folders.',
  splitSeeded: (seed: number) =>
    `There was no validation folder, so Graft set about one photo in five of each class aside for validation (seed ${f.number(seed)}, the same every time).`,
  noTest: 'There is no test set, and none is needed.',
  // skipped
  skippedTitle: (count: number) => `${counted(count, 'file')} skipped`,
  skippedNone: 'Nothing was skipped.',
  skippedLead: 'Skipping never stops an import. These files were left out:',
  skippedReason: (reason: string, count: number) => `${f.number(count)} × ${reason}`,
  skippedMore: (count: number) => `and ${f.number(count)} more`,
  file: 'File',
  reason: 'Reason',
  // encoding
  encodingTitle: 'Encoding of the names',
  encodingHelp:
    'Zip files often do not say how names are written. If the class names look wrong, choose another.',
  encodingGuessed: (encoding: string) => `${encoding} (guessed)`,
  encodings: {
    'utf-8': 'UTF-8',
    gb18030: 'GBK / GB18030, Simplified Chinese',
    shift_jis: 'Shift-JIS, Japanese',
    'euc-kr': 'EUC-KR, Korean',
    cp437: 'CP437, Western',
  } satisfies Record<NameEncoding, string>,
  encodingPreview: 'Names as read',
  encodingBusy: 'Reading the names again',
  // stored
  storedTitle: 'Kept in this browser',
  storedUse: (usage: string, quota: string) =>
    quota ? `${usage} used of about ${quota}.` : `${usage} used.`,
  storedPersisted: 'The browser has promised not to clear it by itself.',
  storedNotPersisted: 'The browser may clear it when the disk is nearly full.',
  storedNote: (classes: number, photos: number, size: string, date: string) =>
    `${counted(classes, 'class', 'classes')} · ${counted(photos, 'photo')} · ${size} · ${date}`,
  isOpen: 'open',
  open: 'Open',
  openNamed: (name: string) => `Open ${name}`,
  delete: 'Delete',
  deleteNamed: (name: string) => `Delete ${name}`,
  deleteTitle: 'Delete this dataset?',
  deleteQuestion: (name: string, size: string) =>
    `“${name}” will be removed from this browser and ${size} become free. Your own files are not touched. Runs trained on it stay, without their photos.`,
  deleteConfirm: 'Delete',
  keep: 'Keep it',
};
