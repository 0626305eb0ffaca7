// The one question that all else serves: before this update left, had enough people approved exactly it?

import type { Detail } from './forms.ts';
import {
  type Approval,
  fail,
  keyOfRound,
  type Knowledge,
  lack,
  type Place,
  type Round,
  roundAt,
  roundName,
} from './state.ts';

type Update = Detail<'update.intended'>;

/** The update is committed to leave: here its approvals are used up, and here they are judged. */
export function intended(k: Knowledge, place: Place, detail: Update): void {
  const { index, at } = place;
  const round = roundAt(k, place);
  if (round === undefined) return;
  const over = k.over.get(keyOfRound(round));
  if (over !== undefined) {
    const used = over === 'sent' ? ': its approvals are used up' : '';
    return fail(k, index, `sends for ${roundName(round)}, which was over (${over})${used}`);
  }
  if (round.intended !== null)
    return fail(k, index, `sends a second time: record ${round.intended.index} used the approvals up`, round);
  round.intended = { ...detail, index };
  const { offered } = round;
  if (offered === null) lack(k, index, 'sends for a round that was not offered', round);
  else {
    if (detail.plan !== offered.plan)
      fail(k, index, `sends for another plan than record ${offered.index} offers`, round);
    if (detail.bytes > offered.maxBytes)
      fail(k, index, `sends ${detail.bytes} bytes; record ${offered.index} offers ${offered.maxBytes} at most`, round);
  }
  if (round.declined !== null) fail(k, index, `sends although record ${round.declined.index} declines`, round);
  const joined = k.studies.get(round.study);
  if (joined === undefined) lack(k, index, `sends for ${round.study}, which was not joined`, round);
  else if (joined.left !== null) fail(k, index, `sends for ${round.study}, which record ${joined.left} left`, round);
  const sealed = round.sealed.find(({ statement }) => statement === detail.statement);
  if (round.sealed.length > 0 && (sealed?.blob !== detail.blob || sealed.bytes !== detail.bytes))
    fail(k, index, 'sends another update than was sealed', round);

  const training = judge(k, round, index, at, detail, 'train');
  checkTrained(k, round, index, training);
  if (needsRelease(k, round, sealed ?? null)) judge(k, round, index, at, detail, 'release');
  const named = round.approvals.find(({ hash }) => hash === detail.approval);
  if (named === undefined) lack(k, index, 'names an approval that was not given for this round', round);
}

/** Because it was asked for, because the rules say always, or because its norm is over so many times that of the last one. */
function needsRelease(k: Knowledge, round: Round, sealed: Detail<'update.sealed'> | null): boolean {
  const { release, factor } = k.rules;
  const last = k.studies.get(round.study)?.last ?? null;
  const jumps = sealed !== null && last !== null && Number(sealed.norm) > factor * last.norm;
  return round.releaseAsked.length > 0 || release === 'always' || jumps;
}

/** The approvals that count for these bytes now; says so where they are too few, and why others do not count. */
function judge(
  k: Knowledge,
  round: Round,
  index: number,
  at: string,
  update: Update,
  purpose: Approval['purpose'],
): Approval[] {
  const given = round.approvals.filter((approval) => approval.purpose === purpose);
  const why: string[] = [];
  const counted: Approval[] = [];
  for (const approval of given) {
    const problem = unfit(k, approval, at, update) ?? twice(approval, counted);
    if (problem === null) counted.push(approval);
    else why.push(`record ${approval.index} ${problem}`);
  }
  // By a policy within its bounds, or by as many people as the rules asked for when the last of them signed.
  const automatic = counted.some(({ person }) => person === null);
  const needed = automatic ? 1 : (counted.at(-1)?.asked ?? k.rules.approvals);
  if (counted.length >= needed) return counted;
  const what = purpose === 'train' ? 'approvals' : 'approvals to release this very update';
  const others = why.length > 0 ? ` (${why.join('; ')})` : '';
  const message = `sends for ${roundName(round)} with ${counted.length} of ${needed} ${what}${others}`;
  lack(k, index, message, round);
  return counted;
}

/** Why an approval does not cover this update at this moment; null when it does. */
function unfit(k: Knowledge, approval: Approval, at: string, update: Update): string | null {
  const { said, purpose, revokedAt } = approval;
  if (revokedAt !== null) return `was revoked by record ${revokedAt}`;
  const policy = approval.policy === null ? undefined : k.policies.get(approval.policy);
  if (policy !== undefined && policy.revokedAt !== null && !policy.replaced)
    return `rests on a policy that record ${policy.revokedAt} revokes`;
  if (said.plan !== update.plan) return 'is for another plan';
  if (at < said.notBefore) return `holds from ${said.notBefore} on`;
  if (at >= said.notAfter) return `ended at ${said.notAfter}`;
  if (update.bytes > said.maxBytes) return `allows ${said.maxBytes} bytes`;
  if (purpose === 'release' && (said.update?.blob !== update.blob || said.update.bytes !== update.bytes))
    return 'is for another update';
  return null;
}

const twice = (approval: Approval, counted: readonly Approval[]): string | null =>
  counted.some((other) => other.key === approval.key || (other.person !== null && other.person === approval.person))
    ? 'is by the same person again'
    : null;

/** What was trained on is what was approved: the same snapshot of the data. */
function checkTrained(k: Knowledge, round: Round, index: number, counted: readonly Approval[]): void {
  for (const { said, index: approved } of counted) {
    const other = round.trained.find(({ snapshot }) => snapshot !== said.snapshot);
    if (other !== undefined)
      fail(k, index, `sends what record ${other.index} trained on other data than record ${approved} approves`, round);
  }
}

/** The institution's own floor, as it was when training began: an update from fewer rows is not computed. */
export function trained(k: Knowledge, place: Place, { examples }: Detail<'training.finished'>): void {
  const round = roundAt(k, place);
  const floor = round?.trained.at(-1)?.floor ?? k.rules.rows;
  if (round !== undefined && examples < floor)
    lack(k, place.index, `trains on ${examples} rows; the institution's floor is ${floor}`, round);
}

/** The coordinator has answered: these bytes left. */
export function sent(k: Knowledge, place: Place, detail: Update): Round | undefined {
  const { index } = place;
  const round = roundAt(k, place);
  if (round === undefined) return undefined;
  const over = k.over.get(keyOfRound(round));
  const { intended } = round;
  if (over !== undefined) fail(k, index, `sends for ${roundName(round)}, which was over (${over})`);
  else if (intended === null) lack(k, index, `sends for ${roundName(round)} what no record committed to leave`, round);
  else {
    const same = (['plan', 'approval', 'statement', 'blob', 'bytes', 'outbox'] as const).every(
      (field) => intended[field] === detail[field],
    );
    if (!same) fail(k, index, `sends another update than record ${intended.index} committed to leave`, round);
  }
  const norm = round.sealed.find(({ statement }) => statement === detail.statement)?.norm;
  const study = k.studies.get(round.study);
  if (study !== undefined && norm !== undefined && round.round >= (study.last?.round ?? 0))
    study.last = { round: round.round, norm: Number(norm) };
  const { unconfirmed } = round;
  const taken = round.approvals.find(({ revokedAt }) => revokedAt !== null && revokedAt > (intended?.index ?? 0));
  // What was on its way when its approval ended may turn out to have arrived: the log cannot show which came first.
  if (unconfirmed !== null)
    round.unseen.add(
      `record ${unconfirmed} gave it up when its approval ended, and record ${index} says that it had left`,
    );
  else if (taken !== undefined) fail(k, index, `sends although record ${taken.revokedAt} revokes the approval`, round);
  return round;
}
