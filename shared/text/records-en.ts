// One sentence for each kind of audit record, in English. records-zh.ts holds the same kinds; the compiler compares them.
import { number, problem, short, utc, type Sentences, type Telling } from './told.ts';

type Place = { study: string; round: number; attempt: number };

const round = (r: Place) => `round ${r.round}${r.attempt > 1 ? ` (attempt ${r.attempt})` : ''} of study ${r.study}`;
const asBegun = (r: Place) => `R${round(r).slice(1)}`;
const ofRound = (r: Place) => (r.round > 0 ? ` for ${round(r)}` : '');
const quoted = (text: string | undefined) => (text === undefined ? '' : ` “${text}”`);
const reason = (r: Telling, commitment: string | null) =>
  commitment === null || r.said(commitment) === undefined ? '' : ` Reason: “${r.said(commitment)!}”`;
const because = (code: string) => `: ${problem(code, 'en')}`;
const signers = (r: Telling, all: readonly { signer: string }[]) =>
  all.map(({ signer }) => r.whose(signer)).join(' and ');
const roles = (held: readonly string[]) => (held.length === 0 ? 'no role' : held.join(' and '));
const rows = (count: number) => `${number(count)} ${count === 1 ? 'row' : 'rows'}`;
const bytes = (count: number) => `${number(count)} ${count === 1 ? 'byte' : 'bytes'}`;
const updates = (count: number) => `${number(count)} published ${count === 1 ? 'update' : 'updates'}`;
const metrics = (all: Readonly<Record<string, string | null>>) =>
  Object.entries(all)
    .map(([name, value]) => `${name} ${value ?? 'withheld, too few cases'}`)
    .join(', ');

const PURPOSES: Readonly<Record<string, string>> = {
  enrolment: 'request to join the consortium',
  join: 'message that this institution takes part',
  leave: 'message that this institution takes part no more',
  decision: 'decision',
  update: 'update',
};
const purpose = (name: string) => PURPOSES[name] ?? `message (${name})`;

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
  r.detail.person === null
    ? `The installation, under standing policy ${short(r.detail.policy ?? '')},`
    : r.who(r.detail.person);
const decided = (r: Decided) =>
  r.detail.purpose === 'train' ? `training for ${round(r)}` : `the release of the update of ${round(r)}`;

export const recordsEn: Sentences = {
  'log.created': (r) => `This log was begun as ${r.detail.origin} by ${r.detail.software}.`,
  'program.started': (r) => `The program was started: ${r.detail.software} on ${r.detail.platform}.`,
  'log.exported': (r) =>
    `The audit log was exported as ${r.detail.format}${r.detail.filter ? ', in part' : ''}${r.detail.names ? ', with names and free texts' : ''}; it held ${number(r.detail.size)} records before this one.`,

  'log.behind': (r) =>
    `${r.detail.witness} holds ${r.detail.why === 'behind' ? 'a later state' : 'another state'} of this log, ${number(r.detail.anchored.size)} records, signed by its own key; this store has ${number(r.detail.own.size)}.`,
  'log.alarm': (r) =>
    `The log of ${r.detail.member} (${r.detail.origin}) contradicts what was cosigned of it: ${{ smaller: 'it became smaller', fork: 'two logs of one size', inconsistent: 'earlier records were changed' }[r.detail.why]}.`,
  'log.succeeded': (r) =>
    `${signers(r, r.detail.signatures)} started this log as the successor of ${r.detail.predecessor.origin}, of whose ${number(r.detail.predecessor.size)} anchored records the first ${number(r.detail.kept.size)} are here.`,

  'account.added': (r) =>
    `${signers(r, r.detail.signatures)} added the account of ${r.who(r.detail.person)} as ${roles(r.detail.roles)}${r.detail.setUp ? ', when the installation was set up' : ''}.`,
  'account.changed': (r) =>
    `${signers(r, r.detail.signatures)} changed the roles of ${r.who(r.detail.person)} to ${roles(r.detail.roles)}.`,
  'account.deactivated': (r) =>
    `${signers(r, r.detail.signatures)} deactivated the account of ${r.who(r.detail.person)}.`,
  'account.key-issued': (r) =>
    `${signers(r, r.detail.signatures)} issued a new key ${short(r.detail.key)} to ${r.who(r.detail.person)} and retired ${short(r.detail.retired)}.`,
  'account.password-changed': (r) => `${r.who(r.detail.person)} changed the password.`,
  'account.single-admin': (r) =>
    `${r.who(r.detail.person)} chose to set the installation up alone, with one administrator.`,
  'rules.changed': (r) =>
    `${signers(r, r.detail.signatures)} set the institution’s rules: ${r.detail.approvals} approvals a round; the update is shown once more ${r.detail.release === 'always' ? 'always' : 'when a bound is crossed'}; nothing from fewer than ${rows(r.detail.rows)}, no metric from fewer than ${number(r.detail.perClass)} cases of a class.`,
  'session.opened': (r) => `${r.who(r.detail.person)} signed in as ${roles(r.detail.roles)}.`,
  'session.refused': (r) =>
    `A sign-in ${r.detail.person === null ? 'under an unknown name' : `as ${r.who(r.detail.person)}`} was refused, ${number(r.detail.failures)} in a row.`,
  'session.closed': (r) =>
    `The session of ${r.who(r.detail.person)} ended: ${{ 'signed-out': 'signed out', locked: 'locked', expired: 'expired', changed: 'the account was changed' }[r.detail.why]}.`,

  'network.changed': (r) =>
    `The way to the coordinator was changed: ${r.detail.proxy === null ? 'no proxy set' : `proxy set${quoted(r.said(r.detail.proxy))}`}, ${r.detail.authority === null ? 'the usual authorities' : 'an authority of our own'}.`,
  'enrolment.requested': (r) =>
    `This institution asked to join the consortium ${r.detail.consortium} as ${r.detail.member} at ${r.detail.url}.`,
  'enrolment.admitted': (r) => `The coordinator admitted this institution (member directory ${r.detail.sequence}).`,
  'directory.received': (r) => `Member directory ${r.detail.sequence} came, with ${number(r.detail.members)} members.`,
  'dataset.imported': (r) =>
    `Data set ${r.detail.dataset}${quoted(r.said(r.detail.name))} was imported${r.said(r.detail.source) === undefined ? '' : ` from${quoted(r.said(r.detail.source))}`}: ${rows(r.detail.rows)}, ${number(r.detail.columns)} columns.`,
  'quality.kept': (r) => `A quality report of data set ${r.detail.dataset} was made and kept.`,
  'dataset.withdrawn': (r) =>
    `Rows were withdrawn from data set ${r.detail.dataset}; snapshot ${short(r.detail.snapshot)} has ${rows(r.detail.rows)}.`,
  'dataset.deleted': (r) =>
    `Data set ${r.detail.dataset} with ${rows(r.detail.rows)} was deleted and its key destroyed.`,
  'study.offered': (r) => `The coordinator announced study ${r.study}.`,
  'mapping.saved': (r) => `Mapping ${r.detail.version} of local columns to study ${r.study} was saved.`,
  'study.joined': (r) =>
    `${r.who(r.detail.person)} joined study ${r.study} with data set ${r.detail.dataset} (${rows(r.detail.rows)}), on ${number(r.detail.documents)} documents.`,
  'study.moved': (r) =>
    `${r.who(r.detail.person)} moved study ${r.study} from data set ${r.detail.from.dataset} to ${r.detail.to.dataset} (${rows(r.detail.rows)}).`,
  'study.left': (r) => `${r.who(r.detail.person)} left study ${r.study}.${reason(r, r.detail.reason)}`,
  'study.reported': (r) => `The coordinator reported study ${r.study} as ${r.detail.state}.`,
  'policy.signed': (r) =>
    `${r.who(r.detail.person)} signed standing policy ${short(r.detail.policy)} for study ${r.study}, signature ${r.detail.number} of ${r.detail.needed}, in force until ${utc(r.detail.notAfter)} at most.`,
  'policy.revoked': (r) =>
    `${r.who(r.detail.person)} ${r.detail.replacedBy === null ? 'revoked' : 'replaced'} standing policy ${short(r.detail.policy)}${r.study === '' ? '' : ` of study ${r.study}`}${r.detail.replacedBy === null ? '' : ` by ${short(r.detail.replacedBy)}`}.`,
  'round.offered': (r) =>
    `The coordinator offered ${round(r)} to ${number(r.detail.members)} members: at most ${bytes(r.detail.maxBytes)} would leave, by ${utc(r.detail.sendBy)}.`,
  'round.blocked': (r) => `${asBegun(r)} was blocked before anybody was asked${because(r.detail.code)}.`,
  'approval.granted': (r) =>
    `${decider(r)} approved ${decided(r)}, approval ${r.detail.number} of ${r.detail.needed}, valid until ${utc(r.detail.notAfter)}.${reason(r, r.detail.reason)}`,
  'approval.declined': (r) => `${decider(r)} declined ${decided(r)}.${reason(r, r.detail.reason)}`,
  'approval.deferred': (r) => `${r.who(r.detail.person)} looked at ${round(r)} and put the decision off.`,
  'approval.revoked': (r) =>
    `${r.who(r.detail.person)} revoked approval ${short(r.detail.approval)} of ${round(r)}; nothing is sent under it.${reason(r, r.detail.reason)}`,
  'release.requested': (r) =>
    `The update of ${round(r)} (${bytes(r.detail.bytes)}, norm ${r.detail.norm}) waits for people to see it: ${{ always: 'the rules ask for it', norm: 'its norm is out of bounds' }[r.detail.why]}.`,
  'training.started': (r) =>
    `Training for ${round(r)} started, run ${r.detail.run}${r.detail.why === 'interrupted' ? ', because the one before was interrupted' : ''}.`,
  'training.finished': (r) =>
    `Training for ${round(r)} finished on ${rows(r.detail.examples)}; norm of the update ${r.detail.norm}.`,
  'training.failed': (r) => `Training for ${round(r)} failed${because(r.detail.code)}.`,
  'update.sealed': (r) => `The update of ${round(r)} was sealed: ${bytes(r.detail.bytes)}, norm ${r.detail.norm}.`,
  'update.intended': (r) =>
    `The update of ${round(r)} (${bytes(r.detail.bytes)}) was handed over for sending; approval ${short(r.detail.approval)} is used up.`,
  'update.sent': (r) =>
    `The update of ${round(r)} (${bytes(r.detail.bytes)}) was sent under approval ${short(r.detail.approval)}, and the coordinator confirmed it.`,
  'update.unconfirmed': (r) =>
    `Whether the update of ${round(r)} arrived is not known: its approval expired before the coordinator answered.`,
  'update.refused': (r) => `The coordinator refused the update of ${round(r)}${because(r.detail.code)}.`,
  'message.delivered': (r) => `The ${purpose(r.detail.purpose)}${ofRound(r)} reached the coordinator.`,
  'message.refused': (r) =>
    `The coordinator refused the ${purpose(r.detail.purpose)}${ofRound(r)}${because(r.detail.code)}.`,
  'round.closed': (r) =>
    `${asBegun(r)} was ${r.detail.result}; this institution’s update ${r.detail.counted ? 'counted' : 'did not count'}.`,
  'receipt.verified': (r) =>
    r.detail.state === 'logged'
      ? `The coordinator’s log was found to count this institution’s update of ${round(r)}, and to hold the outcome.`
      : `${asBegun(r)} was computed again from ${updates(r.detail.members)}: the aggregate and the model are those of the outcome.`,
  'receipt.refused': (r) =>
    `${r.detail.state === 'logged' ? 'What the coordinator’s log shows of' : 'What came of computing again'} ${round(r)} was refused${because(r.detail.code)}.`,
  'round.lapsed': (r) => `${asBegun(r)} lapsed here${because(r.detail.code)}.`,
  'round.failed': (r) => `${asBegun(r)} failed here${because(r.detail.code)}.`,
  'model.evaluated': (r) =>
    `Model ${short(r.detail.model)}${r.study === '' ? '' : ` of study ${r.study}`} was evaluated on ${rows(r.detail.rows)} here: ${metrics(r.detail.metrics)}.`,
  'local.trained': (r) =>
    `A model of our own was trained for comparison with study ${r.study} on ${rows(r.detail.examples)}; it stays here.`,

  'ledger.summed': (r) =>
    `On ${r.detail.day} ${number(r.detail.rows)} requests left this installation, ${bytes(r.detail.bytes)}.`,
  'opening.erased': (r) =>
    `${r.detail.person === null ? 'Deleting a data set' : r.who(r.detail.person)} erased ${number(r.detail.commitments)} names or free texts${{ commitments: '', person: ` of ${r.detail.subject === null ? 'a person' : r.who(r.detail.subject)}`, dataset: ` of data set ${r.detail.subject ?? ''}` }[r.detail.of]}; the log still verifies.${reason(r, r.detail.reason)}`,
  'retention.changed': (r) =>
    `${r.who(r.detail.person)} set how long things are kept: ${r.detail.years} years${r.detail.hold ? ', and nothing is removed until further notice' : ''}.${reason(r, r.detail.reason)}`,
  'retention.applied': (r) =>
    `What was older than ${utc(r.detail.before)} was removed: ${number(r.detail.openings)} names or free texts, ${number(r.detail.signed)} signed texts, ${number(r.detail.models)} models, ${number(r.detail.outbound)} ledger rows. Records stay.`,

  'member.invited': (r) => `${r.detail.member}${quoted(r.said(r.detail.name))} was invited to the consortium.`,
  'member.enrolled': (r) => `${r.detail.member} asked to be taken in, with an invitation and its keys.`,
  'enrolment.refused': (r) => `A request to be taken in was refused${because(r.detail.code)}.`,
  'member.admitted': (r) => `${r.detail.member} was admitted (member directory ${r.detail.sequence}).`,
  'member.succeeded': (r) =>
    `The log of ${r.detail.member} goes on as ${r.detail.origin} (member directory ${r.detail.sequence}).`,
  'member.removed': (r) =>
    `${r.detail.member} was removed (member directory ${r.detail.sequence}).${reason(r, r.detail.reason)}`,
  'study.started': (r) =>
    `Study ${r.study} was announced to ${r.detail.members === null ? 'all members' : r.detail.members.join(', ')}.`,
  'member.left': (r) => `${r.detail.member} left study ${r.study}.`,
  'member.joined': (r) => `${r.detail.member} joined study ${r.study}.`,
  'study.paused': (r) => `Study ${r.study} was paused: ${r.detail.reason}`,
  'study.resumed': (r) => `Study ${r.study} was resumed.`,
  'study.ended': (r) => `Study ${r.study} ended as ${r.detail.state}: ${r.detail.reason}`,
  'round.opened': (r) =>
    `${asBegun(r)} was opened to ${number(r.detail.members)} members, until ${utc(r.detail.sendBy)}.`,
  'decision.received': (r) =>
    `${r.detail.member} ${r.detail.decision === 'approve' ? 'approved' : 'declined'} ${round(r)}.`,
  'update.accepted': (r) =>
    `The update of ${r.detail.member} for ${round(r)} was accepted: ${bytes(r.detail.bytes)}, ${number(r.detail.weight)} examples, norm ${r.detail.norm}.`,
  'update.rejected': (r) => `An update of ${r.detail.member} for ${round(r)} was rejected${because(r.detail.code)}.`,
  'round.aggregated': (r) =>
    `The updates of ${number(r.detail.members)} members for ${round(r)} were aggregated into model ${short(r.detail.model)}.`,
  'round.aborted': (r) => `${asBegun(r)} was aborted: ${r.detail.reason}`,
};
