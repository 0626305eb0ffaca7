// 每一句给人看的话，中文。键与 en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { LoggedFacts, PolicyFacts, RoundFacts, Texts } from './en.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) => `${number(rows)} 条${study.nouns.row.zh}记录`;
/** 接在“协调方可以读取”之后。 */
const othersToo = ({ publication }: Study) => (publication === 'members' ? '，本轮聚合后参与本轮的每个成员也可以' : '');
const again = (attempt: number) => (attempt > 1 ? `（第 ${attempt} 次尝试）` : '');

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
  coordinatorReads: (study: Study) =>
    `协调方可以直接读取此更新${othersToo(study)}：它既未掩码也未加噪，已有研究从这类更新中还原出记录。`,
  approvalMeaning: (f: RoundFacts) =>
    `我已审阅“${f.study.title.zh}”第 ${f.round} 轮${again(f.attempt)}并予以批准。由含 ${rowsOf(f.study, f.rows)}的数据集算出的一份更新可以发送，最多 ${number(f.maxBytes)} 字节，与参与的 ${f.cohort} 家${f.study.nouns.member.zh}的更新取平均。一并发送：${f.besides.join('；')}。任何记录都不会离开本机构。协调方可以读取该更新${othersToo(f.study)}。`,
  declineMeaning: (f: RoundFacts) =>
    `我已审阅“${f.study.title.zh}”第 ${f.round} 轮${again(f.attempt)}并予以拒绝。本轮不训练，也不发送任何内容。`,
  policyMeaning: (f: PolicyFacts) =>
    `我授权本安装在 ${f.until} 之前自行批准“${f.study.title.zh}”直至第 ${f.rounds} 轮、每轮至多 ${f.attempts} 次，条件是每轮发送不超过 ${number(f.bytes)} 字节、范数上限不超过 ${f.norm}、且至少有 ${f.cohort} 家${f.study.nouns.member.zh}参与。每份更新一并发送：${f.besides.join('；')}。其余情况一律等待人工决定。协调方可以读取每份更新${othersToo(f.study)}。`,
  receipt: {
    due: '尚未收到。节点会自行向协调方索取。',
    logged: (f: LoggedFacts) =>
      `协调方日志的第 ${f.index} 条记录以权重 ${number(f.weight)} 计入了本机构发送的更新，第 ${f.outcomeIndex} 条记录写明了协调方所签结果中的聚合与模型。两条记录都在经协调方签名、共 ${number(f.size)} 条记录的日志中，该日志延续了此前向本节点出示过的每一个状态。这说明日志写了什么，以及协调方无法在不被察觉的情况下收回；并不说明聚合确实由该更新算出。`,
    recomputed: (members: number) =>
      `本节点取回了计入本轮的全部 ${number(members)} 份已公布更新（包括自己的一份），逐一核对其形式与研究规定的范数上限，并重新取平均：所得聚合与下一个模型同结果逐位一致。这说明聚合是已公布更新按结果所列权重的平均；并不说明其他更新由谁作出、由哪些数据行算出。`,
    refused: (why: string) => `${why} 协调方所出示的内容已保存并记录在案；可写入文件供他人查看。`,
  },
  policyReason: '在授权策略范围内自动批准',
};
