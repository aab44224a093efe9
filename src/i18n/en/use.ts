/** Step 5, trying the model and taking it away. */
export const use = {
  step: { blocked: 'after training', ready: 'try, download' },
  title: 'Use it',
  lead: (dataset: string, top1: string) =>
    `This is the model trained on ${dataset}; it got ${top1} of the validation photos right. Try it here, then take it with you.`,
  none: 'There is no trained model yet. Train one, and you can try it on any photo and download it here.',
  noWeights:
    'The run that is open ended before its first epoch was done, so it has no weights to use.',
  whileTraining:
    'The model is still training. It can be tried and downloaded when it is done or stopped.',
  toTrain: 'To training',
  toRuns: 'Open another run',
  trial: {
    title: 'Try it',
    help: 'Drop any photos: they stay in this browser, and each shows the five most likely classes.',
    pick: 'Choose photos',
    drop: 'Drop photos here',
    results: 'Photos tried',
    clear: 'Clear all',
    remove: (name: string) => `Remove ${name}`,
    alt: (name: string) => `The photo ${name}`,
    waiting: 'Waiting its turn',
    retry: 'Try again',
    took: (ms: string) => `${ms} ms`,
    top: (name: string) => `Most likely classes of ${name}`,
  },
  download: {
    title: 'Take it with you',
    weights: 'Download weights',
    report: 'Download report',
    noReport: 'The report lists the photos by name, and they were deleted with their dataset.',
    working: 'Making the file …',
    saved: (fileName: string, size: string) => `${fileName} (${size}) was handed to your browser.`,
    insideWeights: 'One zip, for PyTorch:',
    files: [
      ['model.safetensors', 'the weights of the best epoch, under their torchvision or timm names'],
      ['labels.json', 'which number is which class'],
      ['preprocess.json', 'how to resize, crop and normalise a photo'],
      ['metrics.csv', 'every epoch in numbers'],
      ['predict.py', 'runs the model on photos with torch'],
    ] as [string, string][],
    insideReport:
      'report.json: settings, every epoch, the confusion matrix and each validation photo with its probabilities.',
  },
  run: {
    title: 'Run it in Python',
    help: 'Unpack the zip, open a terminal in its folder, and:',
    copy: 'Copy',
    copied: 'Copied',
  },
};
