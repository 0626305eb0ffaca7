// 供人签名的声明，中文，每条都先说明发送什么。键与 statements-en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { RoundFacts, Statements } from './statements-en.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) => `${number(rows)} 条${study.nouns.row.zh}记录`;
const roundOf = ({ study, round, attempt }: RoundFacts) =>
  `“${study.title.zh}”第 ${round} 轮${attempt > 1 ? `（第 ${attempt} 次尝试）` : ''}`;
/** 插在“协调方可以读取”与“的”之间。 */
const othersToo = ({ publication }: Study) =>
  publication === 'members' ? '（本轮聚合后参与本轮的每个成员也可以）' : '';
const hour = (value: number) => `${String(value).padStart(2, '0')}:00`;

export const statementsZh: Statements = {
  approve: (f) =>
    `发送内容：由含 ${rowsOf(f.study, f.rows)}的数据集算出、协调方可以读取${othersToo(f.study)}的一份更新，最多 ${number(f.maxBytes)} 字节，并附：${f.besides.join('；')}。该更新与参与的 ${f.cohort} 家${f.study.nouns.member.zh}的更新取平均。任何记录都不会离开本机构。我已审阅${roundOf(f)}并予以批准。`,
  decline: (f) => `发送内容：无。本轮不训练，也不发送任何内容。我已审阅${roundOf(f)}并予以拒绝。`,
  release: (f) =>
    `发送内容：向我展示、协调方可以读取${othersToo(f.study)}的更新（${number(f.bytes)} 字节，范数 ${f.norm}，SHA-256 ${f.blob}），并附：${f.besides.join('；')}。任何记录都不会离开本机构。我已查看该更新的内容，同意为${roundOf(f)}放行。`,
  declineRelease: (f) =>
    `发送内容：无。向我展示的更新（SHA-256 ${f.blob}）留在本机构并将被移除。我已查看其内容，拒绝为${roundOf(f)}放行。`,
  revoke: (f) => `发送内容：从现在起无。本轮训练立即停止，尚未离开的更新不再发送。我撤回对${roundOf(f)}的批准。`,
  withdraw: (f) => `发送内容：不因我而发送任何内容。我对${roundOf(f)}的批准不再有效。我将其撤回。`,
  policy: (f) =>
    `无需再次询问即发送：“${f.study.title.zh}”直至第 ${number(f.rounds)} 轮，每轮一份协调方可以读取${othersToo(f.study)}的更新，最多 ${number(f.bytes)} 字节，并各附：${f.besides.join('；')}。任何记录都不会离开本机构。我授权本安装在 ${f.until} 之前自行批准这些轮次，每轮至多 ${f.attempts} 次，条件是计划的范数上限不超过 ${f.norm}、至少有 ${f.cohort} 家${f.study.nouns.member.zh}参与，${f.hours === null ? '时段不限' : `且在 UTC ${hour(f.hours.from)} 至 ${hour(f.hours.to)} 之间`}。其余情况一律等待人工决定。`,
  move: (f) =>
    `发送内容：现在不发送任何内容；以后对本机构批准的每一轮，发送一份 ${number(f.bytes)} 字节、协调方可以读取${othersToo(f.study)}的更新，并附：${f.besides.join('；')}。任何记录都不会离开本机构。自此“${f.study.title.zh}”改用含 ${rowsOf(f.study, f.rows)}的数据集（快照 ${f.snapshot}），取代原数据集；授权策略随之终止。我本人不批准该研究的轮次。`,
  join: (f) =>
    `发送内容：现在仅告知本${f.study.nouns.member.zh}参与；以后对本机构批准的每一轮，发送一份 ${number(f.bytes)} 字节、协调方可以读取${othersToo(f.study)}的更新，并附：${f.besides.join('；')}。任何记录都不会离开本机构。我以含 ${rowsOf(f.study, f.rows)}的数据集（快照 ${f.snapshot}）加入“${f.study.title.zh}”，依据 ${f.documents} 份文件。我本人不批准该研究的轮次。`,
  leave: (f) =>
    `发送内容：告知本${f.study.nouns.member.zh}不再参与，此后不再发送任何内容。${f.sent === 0 ? '该研究没有任何更新离开过本机构。' : `此前已发送 ${number(f.sent)} 份更新。已发送的内容以及由其得到的模型无法收回。`}未结束的轮次在本机构终止，该研究的授权策略一并撤销。我退出“${f.study.title.zh}”。`,
};
