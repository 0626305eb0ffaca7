// 每一句给人看的话，中文。键与 en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { PolicyFacts, RoundFacts, Texts } from './en.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) => `${number(rows)} 条${study.nouns.row.zh}记录`;
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
  coordinatorReads: '协调方可以直接读取此更新：它既未掩码也未加噪，已有研究从这类更新中还原出记录。',
  approvalMeaning: (f: RoundFacts) =>
    `我已审阅“${f.study.title.zh}”第 ${f.round} 轮${again(f.attempt)}并予以批准。由含 ${rowsOf(f.study, f.rows)}的数据集算出的一份更新可以发送，最多 ${number(f.maxBytes)} 字节，与参与的 ${f.cohort} 家${f.study.nouns.member.zh}的更新取平均。一并发送：${f.besides.join('；')}。任何记录都不会离开本机构。协调方可以读取该更新。`,
  declineMeaning: (f: RoundFacts) =>
    `我已审阅“${f.study.title.zh}”第 ${f.round} 轮${again(f.attempt)}并予以拒绝。本轮不训练，也不发送任何内容。`,
  policyMeaning: (f: PolicyFacts) =>
    `我授权本安装在 ${f.until} 之前自行批准“${f.study.title.zh}”直至第 ${f.rounds} 轮、每轮至多 ${f.attempts} 次，条件是每轮发送不超过 ${number(f.bytes)} 字节、范数上限不超过 ${f.norm}、且至少有 ${f.cohort} 家${f.study.nouns.member.zh}参与。每份更新一并发送：${f.besides.join('；')}。其余情况一律等待人工决定。协调方可以读取每份更新。`,
  policyReason: '在授权策略范围内自动批准',
  evidenceReadme: (names: boolean) =>
    `审计日志证据包

这是什么
  某个联合训练联盟中一个程序的审计日志（或其中一段），以及离线核验所需的全部内容。无需安装，也不访问网络。
  entries.jsonl     各条记录的原始字节，每行一条；空行表示该记录未予出示
  tile/             每条记录（含未出示者）的叶哈希（c2sp.org/tlog-tiles）
  checkpoint        日志的条数与根哈希，由日志密钥及见证方签名
  signed.jsonl      人员签署的内容（批准、账户、策略），原始字节，由记录以哈希指明
  range             这些记录在整个日志中的位置
  proof/            单条记录的包含证明，可逐条转交
  log.vkey、keys.json、witness.vkeys、trust.policy   密钥与信任策略。它们随包而来，见下文
${names ? '  openings.jsonl    记录中各承诺所对应的姓名与文字：属个人数据\n' : ''}
如何核验
  用浏览器打开 verify.html 并把压缩包拖入，或运行：node verify.mjs 证据包.zip
  若不信任制作者，也不应信任包内自带的核验程序。请从项目方取得 assent-verify 并核对其 SHA-256，或用 sha256sum 与 openssl
  手工核验（docs/audit.md）。
  密钥属于谁，包内任何内容都无法说明。请向核验程序提供联盟的信任策略（--policy），或机构在电话中读出的指纹
  （--fingerprint）；在此之前密钥均为“未确认”。

能证明什么，不能证明什么
  自检查点签署以来，没有记录被更改、删去或插入。每份送出的更新：送出之前有几人、以哪些密钥批准了恰好这份更新。
  未出示的记录会计数，因此无法判断之处会写明。
  不能证明从未记录的事、检查点之后的事，也不能证明某人确如机构所称。`,
};
