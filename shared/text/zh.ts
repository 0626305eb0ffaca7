// 每一句给人看的话，中文。键与 en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { PolicyFacts, RoundFacts, Texts } from './en.ts';

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
  policyReason: '在授权策略范围内自动批准',
};
