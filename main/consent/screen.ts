// What a person is shown before deciding, built in the main process from the plan itself: its hash is part of what is signed.
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { approvalRecord } from '../../shared/records/consent.ts';
import { planRecord } from '../../shared/records/round.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import type { Basis } from '../../shared/study/difference.ts';
import type { Study } from '../../shared/study/study.ts';
import { changesInWords, type Locale } from '../../shared/text/difference.ts';
import { en } from '../../shared/text/en.ts';
import { statementsEn, type RoundFacts } from '../../shared/text/statements-en.ts';
import { statementsZh } from '../../shared/text/statements-zh.ts';
import { zh } from '../../shared/text/zh.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { messageSize } from '../../shared/wire/update.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import type { Offered, RoundKey } from '../stages.ts';
import { joinedStudyOf, offeredOf, studyRowOf, type RoundRow } from '../store/rounds.ts';
import { signedRecord } from '../store/signed.ts';

export type { Locale };
export type LeavingTensor = { name: string; shape: number[]; bytes: number };
export type RoundScreen = {
  title: string;
  purpose: string;
  /** What the update is, in words. */
  update: string;
  coordinatorReads: string;
  /** What changed since the last plan of this study that was approved here. */
  changes: string[];
  tensors: LeavingTensor[];
  /** All bytes of the update's file. */
  bytes: number;
  /** What leaves with the update, in words. */
  releases: string[];
  cohort: string[];
  approveBy: string;
  sendBy: string;
  normBound: number;
  /** The statements that are signed, word for word. */
  approve: string;
  decline: string;
};

const TEXTS = { en, zh };
export const STATEMENTS = { en: statementsEn, zh: statementsZh };

/** Bytes of one update of this study. */
export function updateSize(study: Study): number {
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  return messageSize(algorithmOf(study.algorithm).vectors, layout);
}

/** What the statements about a round say of it. */
export const factsOf = ({ plan }: Offered, rows: number, locale: Locale): RoundFacts => ({
  study: plan.definition,
  besides: besides(plan.definition, locale),
  round: plan.round,
  attempt: plan.attempt,
  cohort: plan.cohort.length,
  rows,
  maxBytes: plan.update.bytes,
});

function roundScreen(
  offered: Offered,
  data: { rows: number; snapshot: string },
  before: Basis | undefined,
  locale: Locale,
): RoundScreen {
  const { plan } = offered;
  const study = plan.definition;
  const text = TEXTS[locale];
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  const facts = factsOf(offered, data.rows, locale);
  return {
    title: study.title[locale],
    purpose: study.purpose[locale],
    update: text.update[study.algorithm.name](study, data.rows),
    coordinatorReads: text.coordinatorReads(study),
    changes: changesInWords(before, { plan, ...data }, locale),
    tensors: plan.update.vectors.flatMap((vector) =>
      layout.map(({ name, shape, length }) => ({ name: `${vector}/${name}`, shape, bytes: length * 4 })),
    ),
    bytes: plan.update.bytes,
    releases: besides(study, locale),
    cohort: plan.cohort,
    approveBy: plan.approveBy,
    sendBy: plan.sendBy,
    normBound: study.bounds.norm,
    approve: STATEMENTS[locale].approve(facts),
    decline: STATEMENTS[locale].decline(facts),
  };
}

/** The screen of a round as the store has it now: while it waits, for the data as they are; afterwards, as it was decided on. */
export function screenOf(read: Reader, row: RoundRow, locale: Locale): RoundScreen {
  return roundScreen(offeredOf(row), dataOf(read, row), approvedBefore(read, row), locale);
}

/** The same screen for a sample of a round, which nobody offered and nothing is signed for. */
export function sampleScreen(read: Reader, offered: Offered, locale: Locale): RoundScreen {
  const { rows, snapshot } = joinedStudyOf(read, offered.study);
  return roundScreen(offered, { rows, snapshot }, approvedBefore(read, offered), locale);
}

function dataOf(read: Reader, { study, stage, approval }: RoundRow): { rows: number; snapshot: string } {
  const decided =
    stage !== 'awaiting' && approval !== null && read.get('select 1 from approval where hash = ?', approval);
  if (decided) {
    const { rows, snapshot } = signedRecord(read, approvalRecord, approval);
    return { rows, snapshot };
  }
  const { rows, snapshot } = studyRowOf(read, study);
  return { rows: rows ?? 0, snapshot: snapshot ?? '' };
}

/** The plan of this study that was approved here last, before this one, and the data it was approved for. */
function approvedBefore(read: Reader, { study, round, attempt }: RoundKey): Basis | undefined {
  const row = read.get<{ bytes: Buffer; approval: string }>(
    `select r.bytes, r.approval from round r join approval a on a.hash = r.approval and a.decision = 'approve'
     where r.study = ? and (r.round < ? or r.round = ? and r.attempt < ?) order by r.round desc, r.attempt desc limit 1`,
    study,
    round,
    round,
    attempt,
  );
  if (!row) return undefined;
  const { rows, snapshot } = signedRecord(read, approvalRecord, row.approval);
  return { plan: planRecord.decode(row.bytes), rows, snapshot };
}

/** Everything that a study declares to leave besides the update itself. */
export const besides = (study: Study, locale: Locale): string[] =>
  study.releases.filter((release) => release !== 'update').map((release) => TEXTS[locale].releases[release]);

export const screenHash = (screen: unknown): string => toHex(sha256(encodeCanonical(screen)));
