/** `README.txt` of a package: what is in it and how to run it, in both languages of the app. */
import type { Run, Strategy } from '../protocol/run.ts';
import type { ReferenceModel } from './reference-model.ts';

const strategyWords: Readonly<Record<Strategy, { en: string; zh: string }>> = {
  head: { en: 'head only', zh: '只微调最后一层' },
  all: { en: 'all layers', zh: '微调所有层' },
  scratch: { en: 'from scratch', zh: '从头训练' },
};

export function readmeText(run: Run, title: string, { model, packages }: ReferenceModel): string {
  const { datasetName, classes, config, best } = run;
  const top1 = best === null ? '–' : `${(100 * best.valTop1).toFixed(1)} %`;
  const strategy = strategyWords[config.strategy];
  const epoch = best === null ? '–' : String(best.epoch);
  return `${title}, trained with Graft
==============================

Dataset            ${datasetName}, ${classes.length} classes
Strategy           ${strategy.en}
Best epoch         ${epoch} of ${config.epochs}, validation top-1 ${top1}

model.safetensors  the weights of the best epoch, fp32, under the names of ${model}
labels.json        index -> class: {"0": "..."}
preprocess.json    how a picture (RGB scaled to 0-1) becomes the input of the model
metrics.csv        losses and accuracies, a row an epoch; rates are fractions
predict.py         classifies photos with these weights

    pip install ${packages}
    python predict.py photo.jpg folder/
    python predict.py --json folder/


${title}，由 Graft 训练
==============================

数据集             ${datasetName}，${classes.length} 个类别
训练方式           ${strategy.zh}
最佳轮次           第 ${epoch} 轮（共 ${config.epochs} 轮），验证集 top-1 ${top1}

model.safetensors  最佳轮次的权重，fp32，参数名与 ${model} 一致
labels.json        序号 -> 类别：{"0": "..."}
preprocess.json    图片（RGB，缩放到 0-1）如何变成模型的输入
metrics.csv        每轮一行的损失和准确率，准确率为 0-1 的小数
predict.py         用这些权重对照片分类

    pip install ${packages}
    python predict.py 照片.jpg 文件夹/
    python predict.py --json 文件夹/
`;
}
