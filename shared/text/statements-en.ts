// The statements that people sign, in English, each beginning with what leaves. statements-zh.ts holds the same keys; the
// compiler compares them.
import type { Study } from '../study/study.ts';
import { othersToo } from './en.ts';

export type RoundFacts = {
  study: Study;
  /** What leaves with the update, in words. */
  besides: readonly string[];
  round: number;
  attempt: number;
  cohort: number;
  rows: number;
  maxBytes: number;
};
export type ReleaseFacts = RoundFacts & { bytes: number; norm: string; blob: string };
export type PolicyFacts = {
  study: Study;
  besides: readonly string[];
  rounds: number;
  attempts: number;
  bytes: number;
  norm: string;
  cohort: number;
  hours: { from: number; to: number } | null;
  until: string;
};
export type JoinFacts = {
  study: Study;
  besides: readonly string[];
  bytes: number;
  rows: number;
  snapshot: string;
  documents: number;
};
export type LeaveFacts = { study: Study; /** Updates that have left. */ sent: number };

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) =>
  `${number(rows)} ${rows === 1 ? study.nouns.row.en.one : study.nouns.row.en.other}`;
const members = (study: Study, count: number) =>
  `${count} ${count === 1 ? study.nouns.member.en.one : study.nouns.member.en.other}`;
const roundOf = ({ study, round, attempt }: RoundFacts) =>
  `round ${round}${attempt > 1 ? ` (attempt ${attempt})` : ''} of “${study.title.en}”`;
const hour = (value: number) => `${String(value).padStart(2, '0')}:00`;

export const statementsEn = {
  approve: (f: RoundFacts) =>
    `What leaves: one update, which the coordinator can read${othersToo(f.study)}, computed from the data set of ${rowsOf(f.study, f.rows)}, ${number(f.maxBytes)} bytes at most; and with it: ${f.besides.join('; ')}. It is averaged with those of ${members(f.study, f.cohort)} taking part. No record leaves. I reviewed ${roundOf(f)} and approve it.`,
  decline: (f: RoundFacts) =>
    `What leaves: nothing. Nothing is trained and nothing is sent for this round. I reviewed ${roundOf(f)} and decline it.`,
  release: (f: ReleaseFacts) =>
    `What leaves: the update that I was shown, which the coordinator can read${othersToo(f.study)} (${number(f.bytes)} bytes, norm ${f.norm}, SHA-256 ${f.blob}); and with it: ${f.besides.join('; ')}. No record leaves. I looked at what this update holds and release it for ${roundOf(f)}.`,
  declineRelease: (f: ReleaseFacts) =>
    `What leaves: nothing. The update that I was shown (SHA-256 ${f.blob}) stays here and is removed. I looked at what it holds and decline to release it for ${roundOf(f)}.`,
  revoke: (f: RoundFacts) =>
    `What leaves: nothing from now on. Training for this round stops at once, and no update is sent that has not left. I take back the approval of ${roundOf(f)}.`,
  withdraw: (f: RoundFacts) =>
    `What leaves: nothing by my word. My approval of ${roundOf(f)} no longer counts. I take it back.`,
  policy: (f: PolicyFacts) =>
    `What leaves without anybody being asked again: up to round ${number(f.rounds)} of “${f.study.title.en}”, one update a round, which the coordinator can read${othersToo(f.study)}, ${number(f.bytes)} bytes at most; and with each: ${f.besides.join('; ')}. No record leaves. I authorise this installation to approve such rounds by itself until ${f.until}, each at most ${f.attempts === 1 ? 'once' : `${f.attempts} times`}, as long as the plan bounds the norm of an update by ${f.norm} or less and at least ${members(f.study, f.cohort)} take part${f.hours === null ? ', at any hour' : `, from ${hour(f.hours.from)} to ${hour(f.hours.to)} UTC`}. Anything else waits for a person.`,
  move: (f: Omit<JoinFacts, 'documents'>) =>
    `What leaves: now, nothing. Later, for each round that is approved here: one update of ${number(f.bytes)} bytes, which the coordinator can read${othersToo(f.study)}; and with it: ${f.besides.join('; ')}. No record leaves. From now on “${f.study.title.en}” uses the data set of ${rowsOf(f.study, f.rows)} (snapshot ${f.snapshot}) in the place of the one before. A standing policy ends with it. I do not approve its rounds myself.`,
  join: (f: JoinFacts) =>
    `What leaves: now, that this ${f.study.nouns.member.en.one} takes part. Later, for each round that is approved here: one update of ${number(f.bytes)} bytes, which the coordinator can read${othersToo(f.study)}; and with it: ${f.besides.join('; ')}. No record leaves. I join “${f.study.title.en}” with the data set of ${rowsOf(f.study, f.rows)} (snapshot ${f.snapshot}), resting on ${f.documents === 1 ? 'one document' : `${f.documents} documents`}. I do not approve its rounds myself.`,
  leave: (f: LeaveFacts) =>
    `What leaves: that this ${f.study.nouns.member.en.one} takes part no more, and nothing else from now on. ${f.sent === 0 ? 'No update of this study has left.' : `${f.sent === 1 ? 'One update has' : `${number(f.sent)} updates have`} left before. What has left, and the models that were made from it, cannot be taken back.`} Open rounds end here, and standing policies of this study are revoked. I leave “${f.study.title.en}”.`,
};

export type Statements = typeof statementsEn;
