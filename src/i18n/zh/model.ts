/** 第二步：训练什么、怎么训练、用什么设置。 */
import type { Dictionary } from '../dictionaries.ts';
import { formats } from '../format.ts';

const f = formats.zh;

export const model = {
  title: '模型与训练方案',
  lead: '骨干网络已经看过上百万张照片，知道该注意什么；请选择让它的多少层从你的照片中学习。',
  backboneTitle: '骨干网络',
  backboneLoading: '正在查询骨干网络',
  backboneLeads: {
    efficientnet_lite0: '小巧、快速、准确，为手机而设计；除非课程另有要求，选它就好。',
    resnet18: '课程和论文常用的对照模型；参数是前者的三倍，计算量是五倍。',
    mobilenet_v2: '手机上的经典模型；比第一个小三分之一、计算量少五分之一，准确率略低。',
  },
  parameters: (count) => `${f.compact(count)} 参数`,
  macs: (count) => `${f.number(count / 1e9, 2)}\u00a0GMACs`,
  macsHelp: '一张 224 像素照片的乘加次数',
  weightsApp: (size) => `应用自带 ImageNet 预训练权重，${size}`,
  weightsFile: (name, size) => `ImageNet 预训练权重来自 ${name}，${size}`,
  weightsNone: '还没有 ImageNet 预训练权重',
  weightsDrop: (backbone) =>
    backbone === 'efficientnet_lite0'
      ? '请把这个骨干网络的 .safetensors 或 .pth 文件拖到这里。'
      : `请把 torchvision 的 ${backbone} .safetensors 或 .pth 文件拖到这里：Graft 没有服务器可供下载。`,
  weightsPick: '选择权重文件',
  weightsChecking: '正在核对名称和形状',
  weightsRemove: '移除这份权重',
  weightsNotNeeded: '从头训练不需要它。',
  strategyTitle: '训练哪些层',
  strategies: {
    head: {
      title: '只微调最后一层',
      when: '适合照片不多（每类几百张以内）、拍的是日常事物的情况，也总是值得最先尝试。',
      cost: '很快：每张照片只经过骨干网络一次，之后每轮几乎不花时间。',
    },
    all: {
      title: '微调所有层',
      when: '适合只训练最后一层还不够的情况：照片较多，或与日常照片差别很大，如 X 光片、图画。',
      cost: '较慢：每一轮都要让整个网络前向和反向计算，在 CPU 上每轮需要几分钟。',
    },
    scratch: {
      title: '从头训练',
      when: '适合用来体会预训练的价值；照片不到几万张时，效果会差很多。',
      cost: '和微调所有层一样慢，而且需要多得多的轮次。',
    },
  },
  settingsTitle: '设置',
  advanced: '高级设置',
  advancedChanged: (count) => (count === 0 ? '均为默认值' : `已修改 ${f.number(count)} 项`),
  reset: '恢复默认值',
  settings: {
    epochs: { label: '轮次', help: '每张照片被学习多少遍，最后保留最好的一轮。' },
    batchSize: { label: '批大小', help: '每一步用多少张照片。内存不足时请减半。' },
    learningRate: {
      label: '学习率',
      help: '每一步走多远（Adam 优化器）。太高会发散，太低则学不到位。',
    },
    imageSize: {
      label: '图像大小（像素）',
      help: '网络看到的正方形的边长。边长减半，速度约为四倍。',
    },
    views: {
      label: '每张照片的增强份数',
      help: '只用于微调最后一层：每张照片准备多少个增强后的版本。',
    },
    seed: { label: '随机种子', help: '种子和设置相同，训练结果就相同。' },
    numWorkers: {
      label: '解码线程数',
      help: '在后台打开照片的线程，与处理器核数相同，最多四个。',
    },
  },
  augment: {
    label: '数据增强',
    help: '随机裁剪和翻转，让不多的照片发挥更大作用。',
    options: { course: '随机裁剪和翻转', none: '不增强' },
  },
  precision: {
    label: '显存中的精度',
    help: '用 GPU 微调所有层时，半精度只占一半显存。以 ResNet-18 的一步为例，损失与全精度相差 0.1%，梯度最多相差 3%。',
    options: { full: '全精度，32 位', half: '半精度，16 位' },
  },
  defaultIs: (value) => `默认 ${value}。`,
  wanted: (whole, min, max) => `请输入 ${min} 到 ${max} 之间的${whole ? '整数' : '数'}。`,
  start: '开始训练',
  startSummary: (strategy, photos, epochs) =>
    `${strategy}，${f.number(photos)} 张训练照片，${f.number(epochs)} 轮`,
  blockedData: '请先在第一步载入照片。',
  blockedImporting: '请等照片读取完毕。',
  blockedWeights: (backbone) => `请先添加 ${backbone} 的权重，或选择从头训练。`,
  blockedSettings: (names) => `请先修改：${names}。`,
  blockedRunning: '已有训练正在进行，见第三步。',
  blockedDevice: '还在查找可用的计算设备。',
  blockedNoDevice: '没有可用的计算设备，详见页面顶部。',
  toData: '去载入照片',
} satisfies Dictionary['model'];
