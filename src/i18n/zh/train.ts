/** 第 3 步：训练。 */
import type { train as en } from '../en/train.ts';

export const train: typeof en = {
  title: {
    none: '训练',
    head: '正在训练最后一层',
    all: '正在微调所有层',
    scratch: '正在从头训练',
  },
  ended: {
    finished: '训练完成',
    stopped: '训练已停止，保留了最佳轮次',
    failed: '训练失败',
    interrupted: '训练中断了',
    running: '这次训练正在另一个标签页中进行',
  },
  lead: {
    head: (classes) =>
      `骨干网络保持 ImageNet 预训练的样子，只有新的最后一层在学习你的 ${classes} 个类别。`,
    all: (classes) => `所有层都从 ImageNet 预训练权重出发，慢慢适应你的 ${classes} 个类别。`,
    scratch: (classes) =>
      `不使用预训练权重：所有层随机初始化，只靠你的照片学习 ${classes} 个类别。`,
  },
  none: '还没有训练过模型。请先选择数据和模型，然后从那里开始训练。',
  looking: '正在读取此浏览器中的训练记录。',
  toModel: '选择模型',
  toData: '选择数据',
  again: '重新训练',
  changeSettings: '修改设置',
  endedLead: (dataset, top1, epoch) =>
    `在 ${dataset} 上：使用第 ${epoch} 轮（最佳轮次）的权重，验证集照片的 ${top1} 预测正确。`,
  interrupted: (epoch, epochs) =>
    `标签页在第 ${epoch} / ${epochs} 轮之后被关闭。此前的结果都已保存：可以接着训练，也可以就此为止。`,
  interruptedEarly: '标签页在第 1 轮完成之前被关闭，请重新开始训练。',
  failed: (epoch) =>
    epoch > 0
      ? `训练进行到第 ${epoch} 轮；此前的最佳轮次已保留，可以使用。`
      : '第 1 轮还没有完成，因此没有可保留的结果。',
  stoppedEarly: '第 1 轮还没有完成就停止了，所以没有可保留的结果。',
  elsewhere: '进度显示在正在训练的那个标签页中。完成后请刷新本页。',
  resume: '继续训练',
  stop: '停止并保留最佳',
  stopping: '正在停止…',
  stopHint: '可以随时停止：到目前为止的最佳轮次会被评估并保留。',
  toEvaluate: '看看效果如何',
  progress: '进度',
  stage: {
    loading: '正在加载骨干网络和照片',
    preparing: (done, total) => `正在准备照片 ${done} / ${total}`,
    compiling: '正在为此设备编译',
    training: (epoch, epochs, step, steps) =>
      `第 ${epoch} / ${epochs} 轮，第 ${step} / ${steps} 步`,
    validating: (epoch, epochs, done, total) =>
      `第 ${epoch} / ${epochs} 轮，正在验证 ${done} / ${total}`,
    evaluating: (done, total) => `正在评估最佳轮次，照片 ${done} / ${total}`,
    saving: '正在保存',
  },
  short: {
    loading: '加载中',
    preparing: '正在准备照片',
    compiling: '编译中',
    epoch: (epoch, epochs) => `第 ${epoch} / ${epochs} 轮`,
    evaluating: '评估中',
    saving: '保存中',
  },
  step: {
    blocked: '先选好数据和模型',
    ready: '尚未开始',
    done: (top1) => `最佳 ${top1}`,
    interrupted: '已中断，可继续',
    failed: '失败',
  },
  photosPerSecond: (rate) => `每秒 ${rate} 张`,
  timeLeft: (time) => `剩余 ${time}`,
  tiles: {
    label: '目前的指标',
    valTop1: '验证集 top-1',
    bestEpoch: '最佳轮次',
    ofEpochs: (planned) => `共 ${planned} 轮`,
    valLoss: '验证集损失',
    trainLoss: '训练集损失',
    memory: '内存峰值',
    gpuMemory: '显存峰值',
    notYet: '第 1 轮之后',
  },
  charts: {
    loss: '损失',
    accuracy: '准确率',
    epochAxis: '轮次',
    lossAxis: '交叉熵',
    accuracyAxis: 'Top-1，%',
    train: '训练集',
    validation: '验证集',
    bestMark: (value) => `最佳 ${value}`,
    summary: (title, epoch, training, validation) =>
      `各轮次的${title}。第 ${epoch} 轮：训练集 ${training}，验证集 ${validation}。`,
    empty: '第 1 轮完成后开始绘制曲线。',
    table: (title) => `各轮次的${title}（数值）`,
  },
  table: {
    caption: '各轮次',
    epoch: '轮次',
    trainLoss: '训练损失',
    trainTop1: '训练 top-1',
    valLoss: '验证损失',
    valTop1: '验证 top-1',
    valTop5: '验证 top-5',
    learningRate: '学习率',
    seconds: '秒',
    best: '最佳',
  },
  notices: {
    skipped: (count) => `${count} 张照片无法解码，没有参加训练：`,
    andMore: (count) => `以及另外 ${count} 张`,
    batchDropped: (count) =>
      `最后一个批次只有 ${count} 张照片，不够批归一化统计，因此每轮都舍去了它。`,
  },
};
