/** What systems and tools leave behind in folders, and which files claim to be pictures. */

const litterNames = new Set([
  '__macosx',
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '@eadir', // Synology
  '$recycle.bin',
  'system volume information',
  'icon\r', // macOS folder icon
]);

/** Hidden files and folders (`.DS_Store`, `._photo.jpg`, `.ipynb_checkpoints` …) included. */
export function isLitter(path: readonly string[]): boolean {
  return path.some((part) => part.startsWith('.') || litterNames.has(part.toLowerCase()));
}

const pictureExtensions = new Set(
  (
    'jpg jpeg jpe jfif pjpeg pjp png apng webp gif bmp dib avif ' +
    // pictures that browsers cannot read: opened all the same, for the name may be wrong
    'tif tiff heic heif svg psd jp2 jxl ico raw dng cr2 cr3 nef arw orf rw2'
  ).split(' '),
);

/** `unknown`: no extension, so only the content can tell. */
export function claimOf(fileName: string): 'picture' | 'other' | 'unknown' {
  const dot = fileName.lastIndexOf('.');
  if (dot < 1) return 'unknown';
  return pictureExtensions.has(fileName.slice(dot + 1).toLowerCase()) ? 'picture' : 'other';
}
