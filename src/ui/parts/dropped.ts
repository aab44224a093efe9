/**
 * What was dropped: files, or folders read through. The entries must be taken from the event at
 * once (the browser empties `DataTransfer` when the handler returns); reading them may take long.
 */
import type { FolderFile } from '../../protocol/import-api.ts';

export interface Dropped {
  /** Single files, not from a folder. */
  files: File[];
  /** Null when no folder was dropped; the paths leave out the folder's own name. */
  folder: { name: string; files: FolderFile[] } | null;
}

export async function readDropped(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const loose = [...transfer.files];
  const folders = entries.filter(isDirectory);
  if (folders.length === 0) return { files: loose, folder: null };

  const files: FolderFile[] = [];
  const [first] = folders;
  if (folders.length === 1 && entries.length === 1 && first) {
    await walk(first, '', files);
    return { files: [], folder: { name: first.name, files } };
  }
  // several folders at once, most likely one a class: keep their names
  for (const folder of folders) await walk(folder, `${folder.name}/`, files);
  for (const entry of entries.filter(isFile)) {
    files.push({ path: entry.name, file: await fileOf(entry) });
  }
  return { files: [], folder: { name: folders.map(({ name }) => name).join(', '), files } };
}

/** From `<input webkitdirectory>`: the same shape as a dropped folder. */
export function fromPicker(picked: readonly File[]): { name: string; files: FolderFile[] } {
  const root = picked[0]?.webkitRelativePath.split('/')[0] ?? '';
  const files = picked.map((file) => ({
    path: file.webkitRelativePath.slice(root.length + 1) || file.name,
    file,
  }));
  return { name: root, files };
}

async function walk(
  folder: FileSystemDirectoryEntry,
  path: string,
  into: FolderFile[],
): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // a reader gives about a hundred entries a call, and none at the end
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (isDirectory(entry)) await walk(entry, `${path}${entry.name}/`, into);
      else if (isFile(entry)) into.push({ path: path + entry.name, file: await fileOf(entry) });
    }
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry =>
  entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
