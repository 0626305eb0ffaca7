// 每一句给人看的话，中文。键与 en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { Texts } from './en.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) => `${number(rows)} 条${study.nouns.row.zh}记录`;

export const zh: Texts = {
  update: {
    fedsgd: (study: Study, rows: number) => `梯度：模型应当移动的方向，对 ${rowsOf(study, rows)}中的训练行取平均`,
    fedavg: (study: Study, rows: number) => `在 ${rowsOf(study, rows)}中的训练行上训练后模型的变化量`,
  },
  releases: {
    update: '更新',
    examples: '参与计算的训练行数',
    loss: '这些训练行上的损失',
    auc: '本地测试行上的 ROC 曲线下面积',
    accuracy: '本地测试行上的准确率',
    logLoss: '本地测试行上的对数损失',
  },
  coordinatorReads: '协调方可以直接读取此更新，已有研究从这类更新中还原出记录。',
  wants: {
    number: ([low, high], unit) => `${low} 至 ${high} 的数值${unit === undefined ? '' : `，单位 ${unit}`}`,
    oneOf: (values, more) =>
      `取值之一：${values.map((value) => `“${value}”`).join('、')}${more === 0 ? '' : `，另有 ${more} 个`}`,
  },
};
