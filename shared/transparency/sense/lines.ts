// What is said of a round, in one line.

import type { OpenRound } from './coordinator.ts';
import { type Approval, type Finding, type Round, roundName } from './state.ts';

export type RoundLine = {
  study: string;
  round: number;
  attempt: number;
  verdict: 'ok' | 'not-shown' | 'failed';
  outcome: 'sent' | 'refused' | 'not confirmed' | 'declined' | 'not sent' | 'open' | 'aggregated' | 'aborted';
  /** Of a node's round: the record that committed the update to leave, and its bytes. */
  record: number | null;
  bytes: number | null;
  /** Who approved training, and who the release; a person's name where it was opened. */
  approvals: Approver[];
  releases: Approver[];
  /** Of a coordinator's round: the members whose updates were accepted. */
  members: string[];
  /** What is wrong, or what cannot be judged. */
  reasons: string[];
};

/** Without a person: by the installation under a policy. */
export type Approver = {
  record: number;
  person: string | null;
  key: string;
  name: string | null;
  policy: string | null;
};

const UNSEEN = 'records before it are withheld, and could take an approval or an account back';

export function lineOf(
  round: Round,
  outcome: RoundLine['outcome'],
  gaps: boolean,
  nameOf: (commitment: string | null) => string | null,
): RoundLine {
  const { study, attempt, intended, failures, unseen } = round;
  const approver = ({ index, person, key, name, policy }: Approval): Approver => ({
    record: index,
    person,
    key,
    name: nameOf(name),
    policy,
  });
  const of = (purpose: Approval['purpose']) =>
    round.approvals.filter((given) => given.purpose === purpose).map(approver);
  return {
    study,
    round: round.round,
    attempt,
    outcome,
    record: intended?.index ?? null,
    bytes: intended?.bytes ?? null,
    approvals: of('train'),
    releases: of('release'),
    members: [],
    ...verdictOf(failures, unseen, gaps),
  };
}

export function lineOfOpen(
  { study, round, attempt, accepted, failures, unseen }: OpenRound,
  outcome: 'aggregated' | 'aborted' | 'open',
  record: number | null,
  gaps: boolean,
): RoundLine {
  const said = { approvals: [], releases: [], members: [...accepted.keys()], bytes: null, record };
  return { study, round, attempt, outcome, ...said, ...verdictOf(failures, unseen, gaps) };
}

function verdictOf(
  failures: readonly Finding[],
  unseen: ReadonlySet<string>,
  gaps: boolean,
): Pick<RoundLine, 'verdict' | 'reasons'> {
  if (failures.length > 0)
    return { verdict: 'failed', reasons: failures.map(({ index, message }) => `record ${index} ${message}`) };
  const reasons = [...unseen, ...(gaps ? [UNSEEN] : [])];
  return { verdict: reasons.length > 0 ? 'not-shown' : 'ok', reasons };
}

/** Texts come from other people's openings: what reorders or hides letters is shown as its number. */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`,
  );

const by = ({ person, key, name, policy }: Approver): string =>
  person === null
    ? `the policy ${(policy ?? '').slice(0, 16)}`
    : `${name === null ? person : `${visible(name)} (${person})`} with key ${key.slice(0, 16)}`;

const WORDS = { ok: 'ok', 'not-shown': 'NOT SHOWN', failed: 'FAILED' };

export function lineInWords(line: RoundLine): string {
  const parts = [line.bytes === null ? line.outcome : `${line.outcome}, ${line.bytes} bytes`];
  if (line.approvals.length > 0) parts.push(`approved by ${line.approvals.map(by).join(' and ')}`);
  if (line.releases.length > 0) parts.push(`released by ${line.releases.map(by).join(' and ')}`);
  if (line.members.length > 0) parts.push(`updates of ${line.members.join(', ')}`);
  const about = `${WORDS[line.verdict].padEnd(9)} ${roundName(line)}: ${parts.join('; ')}`;
  return line.reasons.length === 0 ? about : `${about}; ${line.reasons.map(visible).join('; ')}`;
}
