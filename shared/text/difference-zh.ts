// 与本机构上次批准的计划相比有何变化，中文。键与 difference-en.ts 相同，由编译器核对。
import type { Study } from '../study/study.ts';
import type { DifferenceTexts, DifferenceWords } from './difference-en.ts';
import { zh } from './zh.ts';

type Said = string | number;
const number = (value: number) => value.toLocaleString('en-US');
const from = (before: Said, after: Said) => `由 ${before} 变为 ${after}`;
const or = (value: Said | null) => (value === null ? '无' : String(value));
const list = (values: readonly Said[] | null) => (values === null || values.length === 0 ? '无' : values.join('、'));
const share = (value: number) => `${number(value * 100)}%`;
const worded = (what: string, before: { zh: string }, after: { zh: string }) =>
  before.zh === after.zh ? `${what}仅英文有变化。` : `${what}由“${before.zh}”变为“${after.zh}”。`;
const layers = (all: Study['model']['layers']) =>
  all
    .map(({ class_name: name, config }) =>
      name === 'Dense'
        ? `全连接层（${config.units} 个单元${config.activation ? `，${config.activation}` : ''}${config.use_bias === false ? '，无偏置' : ''}）`
        : config.activation,
    )
    .join('；');
const nouns = ({ row, member }: Study['nouns']) => `${row.zh}、${member.zh}`;
const stop = (rule: Study['stop'] | null) =>
  rule ? `${zh.releases[rule.metric]}连续 ${rule.patience} 轮未改善 ${rule.leastImprovement} 时` : '从不';
const splits = ({ train, validation, test }: Omit<Study['split'], 'seed'>) =>
  `训练 ${share(train)}、验证 ${share(validation)}、测试 ${share(test)}`;

const change: DifferenceWords = {
  'release-added': ({ release }) => `新增发送内容：${zh.releases[release]}。`,
  'release-removed': ({ release }) => `不再发送：${zh.releases[release]}。`,
  'releases-order': () => '发送内容的列出顺序不同，内容相同。',
  publication: ({ after }) =>
    after === 'members'
      ? '现在公布更新：一轮聚合后，参与该轮的每个成员都可以读取本机构的更新。'
      : after === 'none'
        ? '研究现在写明不公布更新：其他参与者不能读取本机构的更新。'
        : '研究不再写明是否公布更新：不公布。',
  'vector-added': ({ vector }) => `更新多了一个部分：${vector}。`,
  'vector-removed': ({ vector }) => `更新少了一个部分：${vector}。`,
  'vectors-order': () => '更新各部分的顺序不同。',
  'update-bytes': ({ before, after }) => `更新的大小${from(number(before), number(after))} 字节。`,
  'norm-bound': ({ before, after }) => `更新的范数上限${from(before, after)}。`,
  'member-added': ({ member }, { member: noun }) => `新增一家参与${noun.zh}：${member}。`,
  'member-removed': ({ member }, { member: noun }) => `一家${noun.zh}不再参与：${member}。`,
  'members-order': (_change, { member: noun }) => `参与${noun.zh}的列出顺序不同。`,
  rows: ({ before, after }, { row }) =>
    `本机构的数据集现有 ${number(after)} 条${row.zh}记录，此前为 ${number(before)} 条。`,
  snapshot: () => '本机构的数据已是另一快照：有记录被撤出，或改用了另一数据集。',
  algorithm: ({ before, after }) => `算法${from(before, after)}。`,
  'learning-rate': ({ before, after }) => `学习率${from(before, after)}。`,
  epochs: ({ before, after }) => `训练遍历训练行的次数${from(or(before), or(after))}。`,
  'batch-size': ({ before, after }) => `训练每一步所看的行数${from(or(before), or(after))}。`,
  aggregation: ({ before, after }) => `更新的合并方式${from(before, after)}。`,
  quorum: ({ before, after }, { member }) => `一轮有效所需的最少${member.zh}数${from(before, after)}。`,
  'least-members': ({ before, after }, { member }) => `研究开始所需的最少${member.zh}数${from(before, after)}。`,
  rounds: ({ before, after }) => `轮次总数${from(number(before), number(after))}。`,
  'feature-added': ({ column, label }) => `研究新增一列：${column}（${label.zh}）。`,
  'feature-removed': ({ column, label }) => `研究减少一列：${column}（${label.zh}）。`,
  'features-order': () => '各列的顺序不同。',
  'feature-kind': ({ column, before, after }) => `${column}：内容类型${from(before, after)}。`,
  'feature-range': ({ column, before, after }) =>
    `${column}：取值范围${from(before.join(' 至 '), after.join(' 至 '))}。`,
  'feature-mean': ({ column, before, after }) => `${column}：所减去的公开均值${from(before, after)}。`,
  'feature-sd': ({ column, before, after }) => `${column}：所除以的公开标准差${from(before, after)}。`,
  'feature-missing-value': ({ column, before, after }) => `${column}：代替缺失值的数${from(before, after)}。`,
  'feature-missing-indicator': ({ column, after }) =>
    after ? `${column}：训练现在也会看到该值是否缺失。` : `${column}：训练不再看到该值是否缺失。`,
  'feature-missing-codes': ({ column, before, after }) =>
    `${column}：表示缺失的取值${from(list(before), list(after))}。`,
  'feature-unit': ({ column, before, after }) => `${column}：单位${from(or(before), or(after))}。`,
  'feature-substance': ({ column, before, after }) => `${column}：所测物质${from(or(before), or(after))}。`,
  'feature-source': ({ column, before, after }) => `${column}：常数的公布出处${from(or(before), or(after))}。`,
  'column-label': ({ column, before, after }) => worded(`${column}：说明`, before, after),
  'choice-added': ({ column, choice }) => `${column}：新增一个可能取值 ${choice}。`,
  'choice-removed': ({ column, choice }) => `${column}：取值 ${choice} 已去除。`,
  'choices-order': ({ column }) => `${column}：可能取值的顺序不同。`,
  'choice-label': ({ column, choice, before, after }) => worded(`${column}：${choice} 的说明`, before, after),
  'choice-accepts': ({ column, choice, before, after }) =>
    `${column}：${choice} 的其他写法${from(list(before), list(after))}。`,
  'target-name': ({ before, after }) => `模型所预测的列不同：现为 ${after}，此前为 ${before}。`,
  'target-kind': ({ column, before, after }) => `${column}：预测类型${from(before, after)}。`,
  layers: ({ before, after }) => `模型${from(layers(before), layers(after))}。`,
  loss: ({ before, after }) => `训练所减小的损失${from(before, after)}。`,
  'metric-added': ({ metric }) => `本地新增计算：${zh.releases[metric]}。`,
  'metric-removed': ({ metric }) => `本地不再计算：${zh.releases[metric]}。`,
  'metrics-order': () => '本地计算指标的列出顺序不同。',
  split: ({ before, after }) => `行的划分${from(splits(before), splits(after))}。`,
  'split-seed': ({ before, after }) => `行按另一随机种子划分：现为 ${after}，此前为 ${before}。`,
  seed: ({ before, after }) => `初始模型和行的次序取自另一随机种子：现为 ${after}，此前为 ${before}。`,
  'stop-rule': ({ before, after }) => `研究提前结束的条件${from(stop(before), stop(after))}。`,
  'approve-seconds': ({ before, after }) => `批准一轮的时限${from(number(before), number(after))} 秒。`,
  'send-seconds': ({ before, after }) => `发送更新的时限${from(number(before), number(after))} 秒。`,
  title: ({ before, after }) => worded('标题', before, after),
  purpose: ({ before, after }) => worded('目的', before, after),
  sponsor: ({ before, after }) => `发起方${from(or(before), or(after))}。`,
  nouns: ({ before, after }) => worded('对行和成员的称呼', { zh: nouns(before) }, { zh: nouns(after) }),
  study: ({ before, after }) => `这是另一项研究：现为 ${after}，此前为 ${before}。`,
  'schema-version': ({ before, after }) => `研究文件的格式版本${from(before, after)}。`,
  'editor-schema': () => '研究文件为编辑器指明了另一格式；所运行的内容不变。',
  'plan-version': ({ before, after }) => `计划的格式版本${from(before, after)}。`,
  'study-hash': () => '研究已是另一版本。',
  'model-bytes': ({ before, after }) => `起始模型的大小${from(number(before), number(after))} 字节。`,
  directory: () => '经签名的成员名录已更新。',
  model: () => '训练从另一模型开始。',
  round: ({ before, after }) => `现为第 ${after} 轮，此前为第 ${before} 轮。`,
  attempt: ({ before, after }) => `现为第 ${after} 次尝试，此前为第 ${before} 次。`,
  'opened-at': ({ after }) => `开启于 ${after}。`,
  'approve-by': ({ after }) => `批准截止时间为 ${after}。`,
  'send-by': ({ after }) => `更新须在 ${after} 前送达。`,
};

export const differenceZh: DifferenceTexts = {
  change,
  first: '本机构此前未批准过该研究的任何一轮。',
  routine: (round, before, attempt, sameModel) =>
    `与本机构上次批准的第 ${before} 轮相比：现为第 ${round} 轮${attempt > 1 ? `（第 ${attempt} 次尝试）` : ''}，时限另定，从${sameModel ? '同一模型' : '其间得到的模型'}开始。`,
  nothing: '其余均无变化。',
};
