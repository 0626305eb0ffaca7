// The methods of node.proto about studies and their rounds as lists, and about joining and leaving.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { policyRecord, type Policy } from '../shared/records/consent.ts';
import type { Locale as Language } from '../shared/text/difference.ts';
import type { Reader } from '../platform/journal.ts';
import { callerOf } from './access.ts';
import { policyInForce, policySigners, signaturesOf } from './consent/in-force.ts';
import { draftBounds, policiesOf } from './consent/policy.ts';
import { checkDocuments } from './documents.ts';
import { joinStudy, participationStatement } from './joining.ts';
import { languageOf } from './language.ts';
import { leaveStatement, leaveStudy } from './leaving.ts';
import type { AssentNode } from './node.ts';
import { unlockPerson } from './people/keys.ts';
import { receiptInWord } from './receipt-handlers.ts';
import { proposersOf } from './store/participation.ts';
import { ROUND_OVER, studyOf, studyRowOf, type RoundRow, type StudyRow } from './store/rounds.ts';
import { signedRecord } from './store/signed.ts';

type Methods = 'listStudies' | 'getStudy' | 'getJoinStatement' | 'joinStudy' | 'leaveStudy' | 'listRounds';

export function studyHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { store, clock } = node;
  const { read } = store.journal;
  const deps = { store, now: clock.now };

  function summary(row: StudyRow, language: Language) {
    const study = studyOf(row);
    return {
      id: row.id,
      title: study.title[language],
      purpose: study.purpose[language],
      sponsor: study.sponsor ?? '',
      studyHash: row.hash,
      joined: row.stage === 'joined',
      phase: row.phase,
      reason: row.reason,
      dataset: row.dataset ?? '',
      rounds: study.rounds,
      algorithm: study.algorithm.name,
      publication: study.publication ?? 'none',
      policy: policyInForce(deps, row.id) !== undefined,
    };
  }

  function policies(study: string) {
    const inForce = policyInForce(deps, study)?.hash;
    return policiesOf(read, study).map(({ hash: policyHash, state }) => {
      const { bounds, meaning, notAfter, needed } = signedRecord(read, policyRecord, policyHash);
      const signers = signaturesOf(read, policyHash).map(({ person }) => person);
      const inForceNow = policyHash === inForce;
      return { policyHash, state, inForce: inForceNow, bounds: wireBounds(bounds), meaning, notAfter, needed, signers };
    });
  }

  return {
    listStudies({ locale }) {
      const language = languageOf(locale);
      return { studies: read.all<StudyRow>('select * from study order by id').map((row) => summary(row, language)) };
    },
    getStudy({ study, locale }) {
      const row = studyRowOf(read, study);
      const language = languageOf(locale);
      const definition = studyOf(row);
      const { days, ...bounds } = draftBounds(definition);
      const joined = row.stage === 'joined' && {
        draft: { bounds: wireBounds(bounds), days, needed: policySigners(read) },
        leaveStatement: leaveStatement(read, definition, language),
      };
      return {
        summary: summary(row, language),
        policies: policies(study),
        leftAt: row.left_at ?? '',
        proposers: [...proposersOf(read, study)],
        ...joined,
      };
    },
    getJoinStatement: ({ study, dataset, documents, locale, move }) => ({
      statement: participationStatement(node, move ? 'move' : 'join', study, dataset, documents, languageOf(locale)),
    }),
    async joinStudy({ study, dataset, mapping: text, version, documents: named, password, locale }, context) {
      const documents = checkDocuments(named.map((document) => ({ ...document, bytes: Number(document.bytes) })));
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      const more = { documents, locale: languageOf(locale) };
      const { rows, usable } = await joinStudy(node, signer, study, dataset, { text, version }, more);
      node.wake();
      return { rows: BigInt(rows), usable: BigInt(usable) };
    },
    async leaveStudy({ study, reason, password, locale }, context) {
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      leaveStudy(node, signer, study, { reason, locale: languageOf(locale) });
      node.wake();
      return {};
    },
    listRounds({ study, limit, open, before }) {
      const most = limit || 100;
      const wanted = open === undefined ? 'true' : open ? `not ${ROUND_OVER}` : ROUND_OVER;
      const rows = read.all<RoundRow & { at: number }>(
        `select rowid as at, * from round where ? in ('', study) and ${wanted} and rowid < ? order by rowid desc limit ?`,
        study,
        Number(before ?? Number.MAX_SAFE_INTEGER),
        most,
      );
      return {
        rounds: rows.map((row) => roundSummary(read, row)),
        ...(rows.length === most && { next: BigInt(rows.at(-1)!.at) }),
      };
    },
  };
}

const wireBounds = ({ rounds, attempts, bytes, norm, cohort, hours }: Policy['bounds']) => ({
  rounds,
  attempts,
  bytes: BigInt(bytes),
  norm: Number(norm),
  cohort,
  ...(hours && { hours }),
});

type Planned = { approveBy: string; sendBy: string; bytes: number; endedAt: string | null };
/** Plan and outcome were checked when they came: a list of many reads what it shows of each, and no more. */
const PLANNED = `select json_extract(plan, '$.approveBy') as approveBy, json_extract(plan, '$.sendBy') as sendBy,
  json_extract(plan, '$.update.bytes') as bytes, json_extract(outcome, '$.at') as endedAt
  from (select cast(? as text) as plan, cast(? as text) as outcome)`;
const BY_POLICY = `select json_extract(cast(bytes as text), '$.policy') is not null as automatic
  from approval join signed_record using (hash) where hash = ?`;

export function roundSummary(read: Reader, row: RoundRow) {
  const { approveBy, sendBy, bytes, endedAt } = read.get<Planned>(PLANNED, row.bytes, row.outcome_bytes)!;
  const approved = row.approval === null ? undefined : read.get<{ automatic: number }>(BY_POLICY, row.approval);
  return {
    name: { study: row.study, round: row.round, attempt: row.attempt },
    stage: row.stage,
    code: row.code ?? '',
    outcome: row.result ?? '',
    automatic: approved?.automatic === 1,
    approveBy,
    sendBy,
    bytes: BigInt(bytes),
    endedAt: endedAt ?? '',
    receipt: receiptInWord(read, row),
  };
}
