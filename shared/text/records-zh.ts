// 每种审计记录一句话，中文。种类与 records-en.ts 相同，由编译器核对。
import { number, problem, short, utc, type Sentences, type Telling } from './told.ts';

type Place = { study: string; round: number; attempt: number };

const round = (r: Place) => `研究 ${r.study} 第 ${r.round} 轮${r.attempt > 1 ? `（第 ${r.attempt} 次尝试）` : ''}`;
const ofRound = (r: Place) => (r.round > 0 ? `${round(r)}的` : '');
const quoted = (text: string | undefined) => (text === undefined ? '' : `“${text}”`);
const reason = (r: Telling, commitment: string | null) =>
  commitment === null || r.said(commitment) === undefined ? '' : `理由：“${r.said(commitment)!}”`;
const because = (code: string) => `：${problem(code, 'zh')}`;
const signers = (r: Telling, all: readonly { signer: string }[]) => all.map(({ signer }) => r.whose(signer)).join('与');
const ROLES: Record<string, string> = { steward: '数据管理员', approver: '审批人', auditor: '审计员', admin: '管理员' };
const roles = (held: readonly string[]) =>
  held.length === 0 ? '无角色' : held.map((role) => ROLES[role] ?? role).join('、');
const rows = (count: number) => `${number(count)} 行`;
const bytes = (count: number) => `${number(count)} 字节`;
const STATES: Record<string, string> = {
  gathering: '召集成员',
  running: '进行中',
  paused: '暂停',
  finished: '完成',
  stopped: '终止',
};
const state = (name: string) => STATES[name] ?? name;
const metrics = (all: Readonly<Record<string, string | null>>) =>
  Object.entries(all)
    .map(([name, value]) => `${name} ${value ?? '因例数过少未给出'}`)
    .join('，');

const PURPOSES: Readonly<Record<string, string>> = {
  enrolment: '加入联盟的请求',
  join: '参加研究的消息',
  decision: '决定',
  update: '更新',
};
const purpose = (name: string) => PURPOSES[name] ?? `消息（${name}）`;

type Decided = Telling &
  Place & {
    detail: {
      purpose: 'train' | 'release';
      person: string | null;
      number: number;
      needed: number;
      policy: string | null;
      reason: string | null;
      notAfter: string;
    };
  };
const decider = (r: Decided) =>
  r.detail.person === null ? `本安装依授权策略 ${short(r.detail.policy ?? '')} ` : `${r.who(r.detail.person)} `;
const decided = (r: Decided) => (r.detail.purpose === 'train' ? `${round(r)}的训练` : `发送${round(r)}的更新`);

export const recordsZh: Sentences = {
  'log.created': (r) => `本日志由 ${r.detail.software} 以 ${r.detail.origin} 为名开始。`,
  'program.started': (r) => `程序已启动：${r.detail.software}，运行于 ${r.detail.platform}。`,
  'log.exported': (r) =>
    `审计日志以 ${r.detail.format} 格式导出${r.detail.filter ? '（部分内容）' : ''}${r.detail.names ? '，含姓名与自由文本' : ''}；此前共有 ${number(r.detail.size)} 条记录。`,

  'log.behind': (r) =>
    `${r.detail.witness} 持有由本日志自身密钥签署的${r.detail.why === 'behind' ? '更新' : '另一'}状态，共 ${number(r.detail.anchored.size)} 条记录；本存储有 ${number(r.detail.own.size)} 条。`,
  'log.alarm': (r) =>
    `${r.detail.member} 的日志（${r.detail.origin}）与此前已见证的内容矛盾：${{ smaller: '记录变少', fork: '同一条数有两个版本', inconsistent: '较早的记录被更改' }[r.detail.why]}。`,
  'log.succeeded': (r) =>
    `${signers(r, r.detail.signatures)} 启用本日志以接续 ${r.detail.predecessor.origin}；其已见证的 ${number(r.detail.predecessor.size)} 条记录中，前 ${number(r.detail.kept.size)} 条在此。`,

  'account.added': (r) =>
    `${signers(r, r.detail.signatures)} ${r.detail.setUp ? '在安装设置时' : ''}添加了 ${r.who(r.detail.person)} 的账户，角色：${roles(r.detail.roles)}。`,
  'account.changed': (r) =>
    `${signers(r, r.detail.signatures)} 将 ${r.who(r.detail.person)} 的角色改为：${roles(r.detail.roles)}。`,
  'account.deactivated': (r) => `${signers(r, r.detail.signatures)} 停用了 ${r.who(r.detail.person)} 的账户。`,
  'account.key-issued': (r) =>
    `${signers(r, r.detail.signatures)} 为 ${r.who(r.detail.person)} 签发了新密钥 ${short(r.detail.key)}，原密钥 ${short(r.detail.retired)} 停用。`,
  'account.password-changed': (r) => `${r.who(r.detail.person)} 更改了密码。`,
  'account.single-admin': (r) => `${r.who(r.detail.person)} 选择由一名管理员单独完成安装设置。`,
  'rules.changed': (r) =>
    `${signers(r, r.detail.signatures)} 设定了本机构的规则：每轮需 ${r.detail.approvals} 人批准；${r.detail.release === 'always' ? '每次发送前' : '越界时'}须再次查看更新；少于 ${rows(r.detail.rows)}不得产生更新，某类少于 ${number(r.detail.perClass)} 例不得给出指标。`,
  'session.opened': (r) => `${r.who(r.detail.person)} 登录，角色：${roles(r.detail.roles)}。`,
  'session.refused': (r) =>
    `${r.detail.person === null ? '一次以未知姓名' : `一次以 ${r.who(r.detail.person)} 身份`}的登录被拒绝，已连续 ${number(r.detail.failures)} 次。`,
  'session.closed': (r) =>
    `${r.who(r.detail.person)} 的会话结束：${{ 'signed-out': '已退出', locked: '已锁定', expired: '已过期', changed: '账户有变更' }[r.detail.why]}。`,

  'network.changed': (r) =>
    `通往协调方的网络设置已更改：${r.detail.proxy === null ? '不设代理' : `设有代理${quoted(r.said(r.detail.proxy))}`}，${r.detail.authority === null ? '使用通常的证书机构' : '使用自行导入的证书机构'}。`,
  'enrolment.requested': (r) =>
    `本机构请求以 ${r.detail.member} 的名义加入联盟 ${r.detail.consortium}（${r.detail.url}）。`,
  'enrolment.admitted': (r) => `协调方已接纳本机构（成员名录第 ${r.detail.sequence} 版）。`,
  'directory.received': (r) => `收到成员名录第 ${r.detail.sequence} 版，共 ${number(r.detail.members)} 个成员。`,
  'dataset.imported': (r) =>
    `${r.said(r.detail.source) === undefined ? '' : `从${quoted(r.said(r.detail.source))}`}导入了数据集 ${r.detail.dataset}${quoted(r.said(r.detail.name))}：${rows(r.detail.rows)}，${number(r.detail.columns)} 列。`,
  'quality.kept': (r) => `生成并保存了数据集 ${r.detail.dataset} 的质量报告。`,
  'dataset.withdrawn': (r) =>
    `从数据集 ${r.detail.dataset} 撤回了部分行；快照 ${short(r.detail.snapshot)} 有 ${rows(r.detail.rows)}。`,
  'dataset.deleted': (r) => `数据集 ${r.detail.dataset}（${rows(r.detail.rows)}）已删除，其密钥已销毁。`,
  'study.offered': (r) => `协调方公布了研究 ${r.study}。`,
  'mapping.saved': (r) => `保存了本地列到研究 ${r.study} 的映射第 ${r.detail.version} 版。`,
  'study.joined': (r) =>
    `${r.who(r.detail.person)} 以数据集 ${r.detail.dataset}（${rows(r.detail.rows)}）加入研究 ${r.study}，依据 ${number(r.detail.documents)} 份文件。`,
  'study.moved': (r) =>
    `${r.who(r.detail.person)} 将研究 ${r.study} 从数据集 ${r.detail.from.dataset} 改用数据集 ${r.detail.to.dataset}（${rows(r.detail.rows)}）。`,
  'study.left': (r) => `${r.who(r.detail.person)} 退出研究 ${r.study}。${reason(r, r.detail.reason)}`,
  'study.reported': (r) => `协调方报告研究 ${r.study} 的状态：${state(r.detail.state)}。`,
  'policy.signed': (r) =>
    `${r.who(r.detail.person)} 签署了研究 ${r.study} 的授权策略 ${short(r.detail.policy)}（第 ${r.detail.number} 个签名，共需 ${r.detail.needed} 个），有效期至多到 ${utc(r.detail.notAfter)}。`,
  'policy.revoked': (r) =>
    `${r.who(r.detail.person)} ${r.detail.replacedBy === null ? '撤销了' : `以策略 ${short(r.detail.replacedBy)} 取代了`}${r.study === '' ? '' : `研究 ${r.study} 的`}授权策略 ${short(r.detail.policy)}。`,
  'round.offered': (r) =>
    `协调方向 ${number(r.detail.members)} 个成员提出${round(r)}：至多发送 ${bytes(r.detail.maxBytes)}，截止 ${utc(r.detail.sendBy)}。`,
  'round.blocked': (r) => `${round(r)}在征求意见之前即被阻止${because(r.detail.code)}。`,
  'approval.granted': (r) =>
    `${decider(r)}批准${decided(r)}（第 ${r.detail.number} 个批准，共需 ${r.detail.needed} 个），有效至 ${utc(r.detail.notAfter)}。${reason(r, r.detail.reason)}`,
  'approval.declined': (r) => `${decider(r)}拒绝${decided(r)}。${reason(r, r.detail.reason)}`,
  'approval.deferred': (r) => `${r.who(r.detail.person)} 查看了${round(r)}，暂不决定。`,
  'approval.revoked': (r) =>
    `${r.who(r.detail.person)} 撤销了${round(r)}的批准 ${short(r.detail.approval)}；不再据此发送任何内容。${reason(r, r.detail.reason)}`,
  'release.requested': (r) =>
    `${round(r)}的更新（${bytes(r.detail.bytes)}，范数 ${r.detail.norm}）等待人工查看：${{ always: '规则要求', norm: '范数越界' }[r.detail.why]}。`,
  'training.started': (r) =>
    `${round(r)}的训练开始，第 ${r.detail.run} 次运行${r.detail.why === 'interrupted' ? '，因上次运行中断' : ''}。`,
  'training.finished': (r) => `${round(r)}的训练完成，使用 ${rows(r.detail.examples)}；更新的范数为 ${r.detail.norm}。`,
  'training.failed': (r) => `${round(r)}的训练失败${because(r.detail.code)}。`,
  'update.sealed': (r) => `${round(r)}的更新已封装：${bytes(r.detail.bytes)}，范数 ${r.detail.norm}。`,
  'update.intended': (r) =>
    `${round(r)}的更新（${bytes(r.detail.bytes)}）已交付发送；批准 ${short(r.detail.approval)} 已用完。`,
  'update.sent': (r) =>
    `${round(r)}的更新（${bytes(r.detail.bytes)}）已依批准 ${short(r.detail.approval)} 发送，并得到协调方确认。`,
  'update.unconfirmed': (r) => `${round(r)}的更新是否到达不得而知：在协调方应答之前，其批准已过期。`,
  'update.refused': (r) => `协调方拒收${round(r)}的更新${because(r.detail.code)}。`,
  'message.delivered': (r) => `${ofRound(r)}${purpose(r.detail.purpose)}已送达协调方。`,
  'message.refused': (r) => `协调方拒收${ofRound(r)}${purpose(r.detail.purpose)}${because(r.detail.code)}。`,
  'round.closed': (r) =>
    `${round(r)}${r.detail.result === 'aggregated' ? '已聚合' : '已中止'}；本机构的更新${r.detail.counted ? '计入' : '未计入'}。`,
  'receipt.verified': (r) =>
    r.detail.state === 'logged'
      ? `经核对，协调方日志计入了本机构在${round(r)}的更新，并载有该轮结果。`
      : `${round(r)}已由 ${number(r.detail.members)} 份公布的更新重新计算：聚合与模型同结果一致。`,
  'receipt.refused': (r) =>
    `${round(r)}${r.detail.state === 'logged' ? '在协调方日志中的回执' : '的重新计算'}未被接受${because(r.detail.code)}。`,
  'round.lapsed': (r) => `${round(r)}在本机构失效${because(r.detail.code)}。`,
  'round.failed': (r) => `${round(r)}在本机构失败${because(r.detail.code)}。`,
  'model.evaluated': (r) =>
    `${r.study === '' ? '' : `研究 ${r.study} 的`}模型 ${short(r.detail.model)} 在本地 ${rows(r.detail.rows)}上评估：${metrics(r.detail.metrics)}。`,
  'local.trained': (r) =>
    `为与研究 ${r.study} 比较，用 ${rows(r.detail.examples)}训练了本机构自己的模型；该模型不离开本机构。`,

  'ledger.summed': (r) => `${r.detail.day} 本安装共发出 ${number(r.detail.rows)} 个请求，${bytes(r.detail.bytes)}。`,
  'opening.erased': (r) =>
    `${r.detail.person === null ? '删除数据集时' : `${r.who(r.detail.person)} `}抹除了${{ commitments: '', person: ` ${r.detail.subject === null ? '某人' : r.who(r.detail.subject)} 的`, dataset: `数据集 ${r.detail.subject ?? ''} 的` }[r.detail.of]} ${number(r.detail.commitments)} 项姓名或文字；日志仍可核验。${reason(r, r.detail.reason)}`,
  'retention.changed': (r) =>
    `${r.who(r.detail.person)} 设定保存期限为 ${r.detail.years} 年${r.detail.hold ? '，且在另行通知前不作任何删除' : ''}。${reason(r, r.detail.reason)}`,
  'retention.applied': (r) =>
    `已删除早于 ${utc(r.detail.before)} 的内容：${number(r.detail.openings)} 项姓名或文字、${number(r.detail.signed)} 份签署文本、${number(r.detail.models)} 个模型、${number(r.detail.outbound)} 行外发记录。日志记录保留。`,

  'member.invited': (r) => `已邀请 ${r.detail.member}${quoted(r.said(r.detail.name))} 加入联盟。`,
  'member.enrolled': (r) => `${r.detail.member} 持邀请函与密钥请求加入。`,
  'enrolment.refused': (r) => `一次加入请求被拒绝${because(r.detail.code)}。`,
  'member.admitted': (r) => `已接纳 ${r.detail.member}（成员名录第 ${r.detail.sequence} 版）。`,
  'member.succeeded': (r) =>
    `${r.detail.member} 的日志改以 ${r.detail.origin} 接续（成员名录第 ${r.detail.sequence} 版）。`,
  'member.removed': (r) =>
    `已移除 ${r.detail.member}（成员名录第 ${r.detail.sequence} 版）。${reason(r, r.detail.reason)}`,
  'study.started': (r) =>
    `已向${r.detail.members === null ? '全体成员' : ` ${r.detail.members.join('、')} `}公布研究 ${r.study}。`,
  'member.left': (r) => `${r.detail.member} 退出研究 ${r.study}。`,
  'member.joined': (r) => `${r.detail.member} 加入研究 ${r.study}。`,
  'study.paused': (r) => `研究 ${r.study} 已暂停：${r.detail.reason}`,
  'study.resumed': (r) => `研究 ${r.study} 已恢复。`,
  'study.ended': (r) => `研究 ${r.study} 已结束（${state(r.detail.state)}）：${r.detail.reason}`,
  'round.opened': (r) => `${round(r)}向 ${number(r.detail.members)} 个成员开放，截止 ${utc(r.detail.sendBy)}。`,
  'decision.received': (r) => `${r.detail.member} ${r.detail.decision === 'approve' ? '批准' : '拒绝'}了${round(r)}。`,
  'update.accepted': (r) =>
    `${r.detail.member} 在${round(r)}的更新被接受：${bytes(r.detail.bytes)}，${number(r.detail.weight)} 个样本，范数 ${r.detail.norm}。`,
  'update.rejected': (r) => `${r.detail.member} 在${round(r)}的一份更新被拒收${because(r.detail.code)}。`,
  'round.aggregated': (r) =>
    `${number(r.detail.members)} 个成员在${round(r)}的更新已聚合为模型 ${short(r.detail.model)}。`,
  'round.aborted': (r) => `${round(r)}已中止：${r.detail.reason}`,
};
