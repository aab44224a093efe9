/** Step 4, evaluation. */
const photos = (n: number): string => (n === 1 ? '1 photo' : `${n} photos`);

export const evaluate = {
  step: { blocked: 'after training', ready: (top1: string) => `top-1 ${top1}` },
  title: 'How good it is',
  none: 'There is no trained model yet. Train one, and its results on photos it has not seen show here.',
  noWeights: 'This run ended before its first epoch was done, so there is nothing to evaluate.',
  photosGone:
    'The photos of this run were deleted with their dataset. Its figures and its weights are still here.',
  notEvaluated:
    'This run was not evaluated to the end. Continue it in the training step, or open another run below.',
  whileTraining: 'The model is still training. The results show here when it is done or stopped.',
  toTrain: 'To training',
  toUse: 'Try it on other photos',
  loading: 'Reading the results',
  verdict: (right: number, count: number) =>
    right === count
      ? `All ${photos(count)} of the validation set are right.`
      : `${right} of ${count} validation photos are right.`,
  verdictInterval: (low: string, high: string) =>
    `With this many photos, the accuracy on others of the same kind is between ${low} and ${high}, 19 times out of 20.`,
  verdictWorst: (name: string, recall: string) =>
    `The hardest class is ${name}: ${recall} of its photos are found.`,
  verdictBestEpoch: (epoch: number) => `Measured with the weights of epoch ${epoch}, the best one.`,
  tiles: {
    label: 'Results on the validation set',
    top1: 'Top-1',
    top5: 'Top-5',
    loss: 'Loss',
    photos: 'Photos',
    help: 'Top-1: the first guess is right. Top-5: the truth is among the first five guesses. In small print the 95 % interval.',
    topAll: (classes: number) => ` With ${classes} classes it always is among five.`,
  },
  matrix: {
    title: 'Confusion matrix',
    help: 'Rows are the truth, columns what was predicted. Choose a cell to see its photos.',
    caption: 'Confusion matrix: rows true, columns predicted',
    axisTrue: 'True',
    axisPredicted: 'Predicted',
    cell: (count: number, truth: string, predicted: string) =>
      truth === predicted
        ? `${photos(count)} of ${truth}, predicted right`
        : `${photos(count)} of ${truth}, predicted as ${predicted}`,
    part: (shown: number, total: number) =>
      `Too many classes to draw: the ${shown} of ${total} with the most mistakes are shown.`,
    dialogRight: (name: string, count: number) => `${name}, predicted right: ${photos(count)}`,
    dialogWrong: (truth: string, predicted: string, count: number) =>
      `${truth}, predicted as ${predicted}: ${photos(count)}`,
    more: (shown: number, total: number) => `The surest ${shown} of ${total} are shown.`,
    showMore: 'Show more',
  },
  classes: {
    title: 'Each class',
    caption: 'Precision, recall and F1 of each class',
    help: 'Precision: of the photos predicted as this class, how many are. Recall: of the photos of this class, how many were found.',
    name: 'Class',
    precision: 'Precision',
    recall: 'Recall',
    f1: 'F1',
    support: 'Photos',
    sortBy: (column: string) => `Sort by ${column}`,
    undefined: 'never predicted',
  },
  mistakes: {
    title: 'Most confident mistakes',
    help: 'Often these are mislabelled, show two things at once, or could be either.',
    none: 'There is not one mistake on the validation set.',
    truth: 'True',
    predicted: 'Predicted',
    alt: (truth: string) => `Photo of ${truth}`,
    probability: 'Probability',
    showMore: 'Show more mistakes',
  },
  settings: {
    title: 'How it was trained',
    dataset: 'Dataset',
    classes: 'Classes',
    backbone: 'Backbone',
    strategy: 'Strategy',
    epochs: 'Epochs',
    epochsOf: (done: number, planned: number) =>
      done === planned ? `${done}` : `${done} of ${planned}`,
    batchSize: 'Batch size',
    learningRate: 'Learning rate',
    imageSize: 'Image size',
    augmentation: 'Augmentation',
    views: 'Views of each photo',
    seed: 'Seed',
    device: 'Device',
    time: 'Training time',
    augment: { none: 'none', course: 'random crop and flip' },
    precision: 'Precision in GPU memory',
    half: 'half, 16 bits',
  },
  strategies: { head: 'Last layer only', all: 'All layers', scratch: 'From scratch' },
  runs: {
    title: 'Runs',
    caption: 'Runs kept in this browser',
    none: 'No runs are kept in this browser yet.',
    date: 'Date',
    dataset: 'Dataset',
    backbone: 'Backbone',
    strategy: 'Strategy',
    best: 'Best top-1',
    status: 'Status',
    actions: 'Actions',
    open: 'Open',
    shown: 'shown here',
    openRun: (name: string) => `Open the run of ${name}`,
    delete: 'Delete',
    deleteRun: (name: string) => `Delete the run of ${name}`,
    deleteTitle: 'Delete this run?',
    deleteText: (name: string) =>
      `The settings, results and weights of the run of ${name} are removed from this browser. This cannot be undone. The dataset stays.`,
    cancel: 'Keep it',
    statuses: {
      running: 'training',
      finished: 'finished',
      stopped: 'stopped',
      failed: 'failed',
      interrupted: 'interrupted',
    },
  },
};
