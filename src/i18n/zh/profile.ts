/** 训练步的性能剖析（`?profile`）。 */
import type { profile as en } from '../en/profile.ts';

export const profile: typeof en = {
  title: '一个训练步的性能剖析',
  lead: (backbone, imageSize, batchSize) =>
    `${backbone}，${imageSize} px，批大小 ${batchSize}，训练所有层`,
  waiting: '等这次训练结束后再测量，以免互相干扰。',
  working: '正在测量几个训练步…',
  measure: '测量这次训练的一步',
  again: '重新测量',
  copy: '复制为文本',
  copied: '已复制',
  facts: '整个训练步',
  step: '一步用时',
  kernels: 'GPU 内核用时',
  host: '主机用时',
  hostShare: (share) => `占一步的 ${share}`,
  dispatches: '调度次数',
  submits: (count) => `提交 ${count} 次`,
  created: '步内新建',
  createdNote: (buffers, bindGroups) => `${buffers} 个缓冲区，${bindGroups} 个绑定组`,
  uploads: '批次之外的上传',
  uploadsNote: (batch) => `批次本身：${batch}`,
  readBacks: '回读次数',
  memory: '显存峰值',
  forecast: (bytes) => `预计 ${bytes}`,
  peak: '实测设备峰值',
  peakNote: (gbps) => `复制 ${gbps} GB/s`,
  milliseconds: (value) => `${value} 毫秒`,
  timing: {
    timestamps: (steps) => `内核用时来自 GPU 自己的时间戳，为 ${steps} 步的平均值。`,
    rounded: (steps, microseconds) =>
      `内核用时来自 GPU 自己的时间戳（浏览器取整到 ${microseconds} 微秒），为 ${steps} 步的平均值。`,
    submits: (steps, empty) =>
      `此设备没有时间戳：内核逐个提交并等待完成，再减去等待本身的 ${empty} 毫秒，为 ${steps} 步的平均值。很短的内核这样分辨不出来。`,
  },
  explain:
    '百分比分别相对于：所有内核的总用时、此设备上最快的矩阵乘法、最快的复制。绑定字节数是交给内核的缓冲区大小，由于缓存，可能超过 100%。',
  byKernel: '按内核',
  byNode: '所有层',
  columns: {
    kernel: '内核',
    node: '层',
    ms: '毫秒',
    time: '占时间',
    flops: '运算量',
    ofPeak: '占峰值',
    bound: '绑定',
    ofCopy: '占复制',
    dispatches: '调度',
  },
};
