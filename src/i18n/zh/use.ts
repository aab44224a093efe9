/** 第 5 步：试用与下载。 */
import type { use as en } from '../en/use.ts';

export const use: typeof en = {
  step: { blocked: '训练之后', ready: '试用、下载' },
  title: '使用模型',
  lead: (dataset, top1) =>
    `这是用 ${dataset} 训练的模型，验证集照片的 ${top1} 预测正确。可以先在这里试用，再下载带走。`,
  none: '还没有训练好的模型。训练之后，可以在这里用任意照片试用并下载。',
  noWeights: '当前打开的训练记录在第 1 轮完成之前就结束了，没有可用的权重。',
  whileTraining: '模型仍在训练。训练完成或停止后即可试用和下载。',
  toTrain: '回到训练',
  toRuns: '打开另一条记录',
  trial: {
    title: '试一试',
    help: '拖入任意照片：照片不会离开此浏览器，每张都会显示最可能的五个类别。',
    pick: '选择照片',
    drop: '把照片拖到这里',
    results: '试过的照片',
    clear: '全部清除',
    remove: (name) => `移除 ${name}`,
    alt: (name) => `照片 ${name}`,
    waiting: '排队中',
    retry: '重试',
    took: (ms) => `${ms} 毫秒`,
    top: (name) => `${name} 最可能的类别`,
  },
  download: {
    title: '带走模型',
    weights: '下载权重',
    report: '下载报告',
    noReport: '报告要列出照片的名称，而它们已随数据集一起删除。',
    working: '正在生成文件…',
    saved: (fileName, size) => `${fileName}（${size}）已交给浏览器下载。`,
    insideWeights: '一个 zip 文件，供 PyTorch 使用：',
    files: [
      ['model.safetensors', '最佳轮次的权重，名称与 torchvision 或 timm 一致'],
      ['labels.json', '编号与类别的对应关系'],
      ['preprocess.json', '照片如何缩放、裁剪和归一化'],
      ['metrics.csv', '每一轮的指标'],
      ['predict.py', '用 torch 对照片运行模型'],
    ],
    insideReport: 'report.json：训练设置、每一轮的指标、混淆矩阵，以及每张验证集照片的概率。',
  },
  run: {
    title: '在 Python 中运行',
    help: '解压 zip，在该文件夹中打开终端，然后运行：',
    copy: '复制',
    copied: '已复制',
  },
};
