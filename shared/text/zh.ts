// 每一句给人看的话，中文。键与 en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { LoggedFacts, SuccessorFacts, Texts } from './en.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) => `${number(rows)} 条${study.nouns.row.zh}记录`;
/** 接在“协调方可以读取”之后。 */
const othersToo = ({ publication }: Study) => (publication === 'members' ? '，本轮聚合后参与本轮的每个成员也可以' : '');

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
  coordinatorReads: (study: Study) => `协调方可以直接读取此更新${othersToo(study)}，已有研究从这类更新中还原出记录。`,
  wants: {
    number: ([low, high], unit) => `${low} 至 ${high} 的数值${unit === undefined ? '' : `，单位 ${unit}`}`,
    oneOf: (values, more) =>
      `取值之一：${values.map((value) => `“${value}”`).join('、')}${more === 0 ? '' : `，另有 ${more} 个`}`,
  },
  successorMeaning: (f: SuccessorFacts) =>
    `我启动审计日志 ${f.origin} 的后继日志。见证方已联署其 ${number(f.size)} 条记录；其中已知本数据目录保有前 ${number(f.kept)} 条，其余在此已丢失。后继日志以现有记录为起点，使用自己的密钥。未结束的轮次、批准和授权策略一律作废。我已将账户、数据撤回和已发送内容与其他来源核对。`,
  receipt: {
    due: '尚未收到。节点会自行向协调方索取。',
    logged: (f: LoggedFacts) =>
      `协调方日志的第 ${f.index} 条记录以权重 ${number(f.weight)} 计入了本机构发送的更新，第 ${f.outcomeIndex} 条记录写明了协调方所签结果中的聚合与模型。两条记录都在经协调方签名、共 ${number(f.size)} 条记录的日志中，该日志延续了此前向本节点出示过的每一个状态。这说明日志写了什么，以及协调方无法在不被察觉的情况下收回；并不说明聚合确实由该更新算出。`,
    recomputed: (members: number) =>
      `本节点取回了计入本轮的全部 ${number(members)} 份已公布更新（包括自己的一份），逐一核对其形式与研究规定的范数上限，并重新取平均：所得聚合与下一个模型同结果逐位一致。这说明聚合是已公布更新按结果所列权重的平均；并不说明其他更新由谁作出、由哪些数据行算出。`,
    refused: (why: string) => `${why} 协调方所出示的内容已保存并记录在案；可写入文件供他人查看。`,
  },
};
