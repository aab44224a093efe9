/** 每种错误和每种跳过原因各一句话：期望什么、遇到什么、该怎么办。 */
import type { Dictionary } from '../dictionaries.ts';
import { formats } from '../format.ts';
import { halfBatch, smallerSizes } from '../less-memory.ts';

const f = formats.zh;

const sentences = {
  'not-a-zip': ({ name }) =>
    `“${name}”不是 zip 文件。请把各类别的文件夹打包成 .zip，或者直接选择文件夹。`,
  'zip-truncated': ({ name }) => `“${name}”不完整：下载或复制时中断了。请重新获取这个文件。`,
  'zip-encrypted': ({ name }) => `“${name}”设了密码。请先解压，再选择解压后的文件夹。`,
  'zip-unsupported': ({ name, detail }) =>
    `“${name}”用到了 Graft 读不了的 zip 格式（${detail}）。请重新打包成普通的 .zip。`,
  'no-images': ({ name, entries }) =>
    entries === 0
      ? `“${name}”是空的。每个类别应有一个装着照片的文件夹。`
      : `“${name}”里有 ${f.number(entries)} 个文件，但没有照片。每个类别应有一个装着照片（JPEG、PNG、WebP 等）的文件夹。`,
  'no-valid-images': ({ name, skipped, first }) =>
    `“${name}”里的 ${f.number(skipped)} 张图片都无法读取，例如“${first}”。请确认它们在这台电脑上能打开。`,
  'no-class-folders': ({ name, images }) =>
    `“${name}”里有 ${f.number(images)} 张照片，但没有分文件夹。请把每个类别的照片放进以类别命名的文件夹。`,
  'one-class': ({ name, className }) =>
    `“${name}”里只有“${className}”一个类别。分类至少需要两个类别的文件夹。`,
  'too-few-photos': ({ className, found, needed }) =>
    `类别“${className}”只有 ${f.number(found)} 张照片，至少需要 ${f.number(needed)} 张：一部分用于训练，一部分用于验证。请补充照片或删去这个文件夹。`,
  'no-train-split': ({ name, found }) =>
    `“${name}”里有 ${found}，但没有可供训练的文件夹。请加上“train”文件夹，或者只保留类别文件夹，由 Graft 自动划分。`,
  'not-an-image': ({ name }) =>
    `“${name}”的内容不是图片，与它的名字不符。请选择 JPEG、PNG 或 WebP 图片。`,
  'decode-failed': ({ name, detail }) =>
    `浏览器打不开“${name}”（${detail}）。请把它另存为 JPEG 或 PNG。`,
  'image-too-large': ({ name, width, height, megapixels }) =>
    `“${name}”有 ${f.number(width)} × ${f.number(height)} 像素，上限是 ${f.number(megapixels)} 百万像素。请先缩小。`,
  'quota-exceeded': ({ neededBytes }) =>
    neededBytes > 0
      ? `浏览器的存储空间已满，放不下 ${f.bytes(neededBytes)}。请删除不再需要的数据集或训练记录。`
      : '浏览器的存储空间已满。请删除不再需要的数据集或训练记录，然后重试。',
  'storage-unavailable': ({ detail }) =>
    `浏览器不允许本页保存数据（${detail}）。请退出无痕模式，或允许本页使用网站数据。`,
  'dataset-not-found': () => '数据集已不在这个浏览器里。请重新载入它的 zip 或文件夹。',
  'run-not-found': () => '训练记录已不在这个浏览器里，它已被删除。',
  'checkpoint-not-found': () => '训练记录没有可以接着训练的检查点。请重新开始训练。',
  'weights-missing': ({ backbone }) =>
    `${backbone} 需要 ImageNet 预训练权重，现在还没有。请在“模型”一步添加权重文件，或者选择从头训练。`,
  'weights-format': ({ name, detail }) =>
    `“${name}”不是 Graft 能读取的权重文件（${detail}）。支持 .safetensors，以及 PyTorch 1.6 及以上版本保存的 .pth。`,
  'weights-mismatch': ({ backbone, missing, unexpected, wrongShape }) =>
    `这份权重与 ${backbone} 不匹配：${[
      missing && `缺少 ${missing}`,
      unexpected && `多出 ${unexpected}`,
      wrongShape && `形状不同 ${wrongShape}`,
    ]
      .filter(Boolean)
      .join('；')}。请选择这个骨干网络对应的文件。`,
  'webgpu-unavailable': ({ reason }) =>
    `指定了 WebGPU，但这里无法使用（${reason}）。去掉地址里的“device=webgpu”即可在 CPU 上运行。`,
  'profile-needs-webgpu': ({ found }) =>
    `性能剖析记录的是 GPU 的工作，而此页面在 ${found} 上计算。在地址里加上“device=webgpu”再打开即可。`,
  'backend-changed': ({ expected, found }) =>
    `计算本应在 ${expected} 上进行，却变成了 ${found}，已停止以免慢得无法忍受。请刷新页面。`,
  'device-lost': ({ detail }) => `GPU 停止了工作（${detail}）。请刷新页面，已完成的轮次都保留着。`,
  'out-of-memory': ({ batchSize, imageSize }) => {
    const half = halfBatch(batchSize);
    const sizes = smallerSizes(imageSize);
    const tries = [half && `批大小 ${f.number(half)}`, sizes && `${sizes} 像素的图像`];
    const what = tries.filter(Boolean).join('，或 ');
    return `批大小 ${f.number(batchSize)}、图像 ${f.number(imageSize)} 像素时设备内存不足。${what ? `请尝试 ${what}。` : '请关闭其他标签页和程序后重试。'}`;
  },
  'invalid-config': ({ field, found, expected }) =>
    `设置“${field}”现在是 ${found}，应为 ${expected}。`,
  diverged: ({ epoch, learningRate }) =>
    `第 ${f.number(epoch)} 轮时损失不再是数字：学习率 ${String(learningRate)} 太高。请改为原来的十分之一。`,
  busy: () => '已有一个训练正在进行。请等它结束，或先停止它。',
  cancelled: () => '已取消，没有保留任何内容。',
  'worker-died': ({ worker, detail }) =>
    `后台线程“${worker}”停止了（${detail || '没有给出原因'}），多半是内存不足。请重试；若反复出现，请关闭其他标签页或使用更小的图像。`,
  'protocol-mismatch': ({ expected, found }) =>
    `应用的两个版本碰到了一起（${f.number(expected)} 和 ${found}）。请刷新页面。`,
  internal: ({ detail }) =>
    `发生了不该发生的错误：${detail}。请重试；若反复出现，请附上这段文字反馈给我们。`,
} satisfies Dictionary['errors']['sentences'];

const skips = {
  litter: '系统留下的文件（如 __MACOSX、Thumbs.db），不是照片',
  'not-an-image': '从名字看不是图片',
  'text-named-image': '名字像图片，内容却不是',
  'unsupported-format': '浏览器打不开的图片格式，请另存为 JPEG 或 PNG',
  empty: '空文件',
  damaged: '已损坏：校验和不符，或内容不完整',
  undecodable: '浏览器无法解码',
  'too-large': '太大了，请先缩小',
  encrypted: '设了密码',
  'outside-class-folder': '不在类别文件夹里',
  'unsafe-name': '路径指向压缩包之外',
  'duplicate-name': '与另一个文件路径相同',
} satisfies Dictionary['errors']['skips'];

export const errors = { sentences, skips };
