/** Step 3, training. */
const photos = (n: number): string => (n === 1 ? '1 photo' : `${n} photos`);

export const train = {
  title: {
    none: 'Train',
    head: 'Training the last layer',
    all: 'Training all layers',
    scratch: 'Training from scratch',
  },
  ended: {
    finished: 'Training is done',
    stopped: 'Training was stopped; the best epoch is kept',
    failed: 'Training failed',
    interrupted: 'Training was interrupted',
    running: 'This run is training in another tab',
  },
  lead: {
    head: (classes: number) =>
      `The backbone stays as ImageNet taught it; a new last layer learns your ${classes} classes.`,
    all: (classes: number) =>
      `Every layer starts from what ImageNet taught it and moves, slowly, towards your ${classes} classes.`,
    scratch: (classes: number) =>
      `Nothing is taken over: all layers start at random and learn your ${classes} classes from your photos alone.`,
  },
  none: 'Nothing has been trained yet. Choose data and a model first; training starts from there.',
  looking: 'Reading the runs kept in this browser.',
  toModel: 'Choose a model',
  toData: 'Choose data',
  again: 'Train again',
  changeSettings: 'Change the settings',
  endedLead: (dataset: string, top1: string, epoch: number) =>
    `On ${dataset}: ${top1} of the validation photos are right with the weights of epoch ${epoch}, the best one.`,
  interrupted: (epoch: number, epochs: number) =>
    `The tab was closed after epoch ${epoch} of ${epochs}. Everything up to there is kept: go on from it, or leave it as it is.`,
  interruptedEarly:
    'The tab was closed before the first epoch was done. Start it again from the beginning.',
  failed: (epoch: number) =>
    epoch > 0
      ? `It got as far as epoch ${epoch}; the best epoch up to there is kept and can be used.`
      : 'It did not reach the end of the first epoch, so there is nothing to keep.',
  stoppedEarly: 'You stopped before the first epoch was done, so there was nothing to keep.',
  elsewhere: 'Its progress shows in the tab that trains it. When it is done, reload this page.',
  resume: 'Continue',
  stop: 'Stop and keep best',
  stopping: 'Stopping …',
  stopHint: 'You can stop at any time: the best epoch so far is then evaluated and kept.',
  toEvaluate: 'See how good it is',
  progress: 'Progress',
  stage: {
    loading: 'Loading the backbone and the photos',
    preparing: (done: number, total: number) => `Preparing photos ${done} of ${total}`,
    compiling: 'Compiling for this device',
    training: (epoch: number, epochs: number, step: number, steps: number) =>
      `Epoch ${epoch} of ${epochs}, step ${step} of ${steps}`,
    validating: (epoch: number, epochs: number, done: number, total: number) =>
      `Epoch ${epoch} of ${epochs}, validating ${done} of ${total}`,
    evaluating: (done: number, total: number) =>
      `Evaluating the best epoch, photo ${done} of ${total}`,
    saving: 'Saving the run',
  },
  short: {
    loading: 'loading',
    preparing: 'preparing photos',
    compiling: 'compiling',
    epoch: (epoch: number, epochs: number) => `epoch ${epoch} of ${epochs}`,
    evaluating: 'evaluating',
    saving: 'saving',
  },
  step: {
    blocked: 'after data and model',
    ready: 'not started',
    done: (top1: string) => `best ${top1}`,
    interrupted: 'interrupted, can continue',
    failed: 'failed',
  },
  photosPerSecond: (rate: string) => `${rate} photos/s`,
  timeLeft: (time: string) => `${time} left`,
  tiles: {
    label: 'Figures so far',
    valTop1: 'Validation top-1',
    bestEpoch: 'Best epoch',
    ofEpochs: (planned: number) => `of ${planned}`,
    valLoss: 'Validation loss',
    trainLoss: 'Training loss',
    memory: 'Peak memory',
    gpuMemory: 'Peak GPU memory',
    notYet: 'after epoch 1',
  },
  charts: {
    loss: 'Loss',
    accuracy: 'Accuracy',
    epochAxis: 'Epoch',
    lossAxis: 'Cross-entropy',
    accuracyAxis: 'Top-1, %',
    train: 'training',
    validation: 'validation',
    bestMark: (value: string) => `best ${value}`,
    summary: (title: string, epoch: number, training: string, validation: string) =>
      `${title} by epoch. Epoch ${epoch}: training ${training}, validation ${validation}.`,
    empty: 'The curves begin with the first epoch.',
    table: (title: string) => `${title} by epoch, as numbers`,
  },
  table: {
    caption: 'Epochs',
    epoch: 'Epoch',
    trainLoss: 'Train loss',
    trainTop1: 'Train top-1',
    valLoss: 'Val loss',
    valTop1: 'Val top-1',
    valTop5: 'Val top-5',
    learningRate: 'Learning rate',
    seconds: 'Seconds',
    best: 'best',
  },
  notices: {
    skipped: (count: number) =>
      `${photos(count)} could not be decoded and ${count === 1 ? 'was' : 'were'} left out of training:`,
    andMore: (count: number) => `and ${count} more`,
    batchDropped: (count: number) =>
      `The last batch held only ${photos(count)}, too few for batch norm to measure, so it was left out of each epoch.`,
  },
};
