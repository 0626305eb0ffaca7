// 审计日志的报告与导出用语，中文。键与 view-en.ts 相同。
import { number } from './told.ts';
import type { ViewWords } from './view-en.ts';

export const viewZh: ViewWords = {
  erased: '（已清除）',
  wrong: '（数据目录中的内容已被改动，与记录不符）',
  unreadable: '此记录的字节已损坏，无法读取。',
  left: (characters: number) => `…（另有 ${number(characters)} 个字符）`,
  key: (beginning: string) => `密钥 ${beginning}`,
  installation: '本安装',

  title: '审计日志',
  volume: (n: number, of: number) => `第 ${n} 册，共 ${n > of ? n : of} 册`,
  institution: '机构',
  consortium: '联盟',
  notEnrolled: '尚未加入联盟',
  log: '日志',
  logKey: '日志密钥',
  range: '记录',
  rangeOf: (first: number, last: number, rows: number) =>
    `${number(rows)} 条，位于日志第 ${number(first)} 至 ${number(last)} 号`,
  noRecords: '日志中没有符合本报告范围的记录。',
  period: '时段',
  periodOf: (from: string, to: string) => `${from} 至 ${to}`,
  bounds: '本报告的范围',
  wholeLog: '不限：日志的全部记录',
  boundFrom: (time: string) => `自 ${time} 起`,
  boundTo: (time: string) => `至 ${time} 止`,
  boundStudies: (ids: string) => `研究：${ids}`,
  boundPersons: (ids: string) => `人员：${ids}`,
  boundKinds: (kinds: string) => `记录种类：${kinds}`,
  withNames: '含姓名与自由文本。请将本报告作为个人数据保管。',
  withoutNames: '不含姓名与自由文本。人员以代号（p-…）和公钥表示，代号可由本机构解析。',
  madeBy: '生成程序',
  madeAt: '生成时间',

  columns: { index: '编号', at: '时间 (UTC)', what: '事项', who: '人员', leaf: '叶哈希' },
  page: (page: number, of: number) => `第 ${number(page)} 页，共 ${number(of)} 页`,

  checkpoint: '检查点',
  checkpointIs: (size: number, at: string) =>
    `生成本报告时日志的签名状态：${number(size)} 条记录，${at}。末尾各行为签名：首先是日志自己的签名，其后是见证方的签名（如有）。`,
  root: '根哈希',
  verify: '如何验证本报告',
  verifySteps: [
    '本报告只是一种呈现，证据是日志本身：请向本机构索取日志的导出（assent-node audit export），用 assent-verify 检查；日志密钥应来自您信任的其他渠道，而不是本页。',
    '将上面的根哈希与 assent-verify 对同样条数给出的根哈希比较。若日志此后有所增长，assent-verify 会证明较小的日志是其开头部分。',
    '对任何一行：entries.jsonl 中第“编号”行（从 0 数起）即为该记录。一个零字节加上该行（不含换行符）的 SHA-256，就是行中所列的叶哈希。',
  ],
  doesNotProve: '本报告不能证明的内容',
  doesNotProveText: '日志表明：在他人持有其检查点之后，其中的内容未被改动。它不能表明从未记录过的事件。',
  characters: '字体中没有的字符以其 Unicode 编号表示，例如 [U+D55C]。',
};
