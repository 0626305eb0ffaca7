// node.proto's methods: each asks one of the folders beside this file, and puts the answer into the contract's form.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import {
  Decision,
  Locale,
  type FileSettings,
  type NodeService,
  type RoundName,
} from '../shared/gen/assent/v1/node_pb.ts';
import { approvalRecord } from '../shared/records/consent.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { primitives } from '../platform/crypto.ts';
import { exportAuditLog } from '../platform/export-log.ts';
import { logKey } from '../platform/log-origin.ts';
import { SOFTWARE } from '../platform/software.ts';
import { decide } from './consent/approval.ts';
import { revokePolicy, signPolicy } from './consent/policy.ts';
import { roundScreen, updateSize, type Locale as Language } from './consent/screen.ts';
import { deleteDataset, listDatasets, type DatasetSummary } from './data/datasets.ts';
import { importFile } from './data/import.ts';
import type { ImportProgress } from './data/reading.ts';
import { parseOverrides } from './data/settings.ts';
import { inspectFile } from './data/source.ts';
import type { AssentNode } from './node.ts';
import { mappingHandlers } from './mapping-handlers.ts';
import { modelHandlers } from './model-handlers.ts';
import { qualityHandlers } from './quality-handlers.ts';
import { receiptHandlers, receiptInWord } from './receipt-handlers.ts';
import type { RoundKey } from './stages.ts';
import {
  coordinatorOf,
  joinedStudyOf,
  latestAttempt,
  offeredOf,
  roundOf,
  studyOf,
  type RoundRow,
  type StudyRow,
} from './store/rounds.ts';
import { countReceipts } from './store/receipts.ts';
import { describeNetwork, networkOf, setNetwork } from './store/network.ts';
import { memberKeys, requestEnrolment } from './sync/enrol.ts';
import { streaming } from './streaming.ts';

/** How often a standing policy lets one round be tried unless it says otherwise. */
const ATTEMPTS = 3;

const languageOf = (locale: Locale): Language => (locale === Locale.ZH ? 'zh' : 'en');

export function createHandlers(node: AssentNode): ServiceImpl<typeof NodeService> {
  const { store, clock, data } = node;
  const { read } = store.journal;
  const consent = { store, now: clock.now };

  const keyOf = ({ study, round, attempt }: RoundName): RoundKey =>
    attempt === 0 ? latestAttempt(read, study, round) : { study, round, attempt };

  return {
    getStatus() {
      const coordinator = coordinatorOf(read);
      const { contact, training } = node.now();
      const receipts = countReceipts(read);
      const waiting = read.get<{ n: number }>(
        "select count(*) as n from round where stage = 'awaiting' and outcome is null",
      )!;
      return {
        software: SOFTWARE,
        consortium: coordinator?.consortium ?? '',
        member: coordinator?.member ?? '',
        url: coordinator?.url ?? '',
        admitted: coordinator?.admitted ?? false,
        fingerprint: fingerprint(primitives, memberKeys(store)),
        coordinatorFingerprint: coordinator ? fingerprint(primitives, coordinator.keys) : '',
        reachable: contact.reachable,
        message: contact.message,
        waiting: waiting.n,
        records: store.journal.size(),
        logVkey: encodeVkey(logKey(store.keys.log.publicKey)),
        receiptsDue: receipts.due,
        receiptsRefused: receipts.refused,
        ...(training && { training: training.key, progress: training.progress }),
      };
    },

    enrol({ invitation, fingerprint: typed }) {
      const { member, consortium } = requestEnrolment(store, clock.now, invitation, typed);
      node.wake();
      return { member, consortium, fingerprint: fingerprint(primitives, memberKeys(store)) };
    },

    setNetwork({ proxy, ca }) {
      const change = { ...(proxy !== undefined && { proxy }), ...(ca !== undefined && { ca }) };
      const asked = proxy === undefined && ca === undefined;
      const now = asked ? networkOf(store) : setNetwork(store, change);
      if (!asked) node.wake();
      return describeNetwork(now);
    },

    async inspectFile({ path, settings }) {
      const { format, detected, columns, rows, whole } = await inspectFile(path, settingsOf(settings));
      return {
        format,
        ...(detected && { settings: detected.settings }),
        doubts: detected?.doubts ?? [],
        columns: columns.map((column) => ({ ...column, encoding: column.encoding ?? '' })),
        rows,
        whole,
      };
    },
    async *importDataset({ path, name, settings, again, idColumn }, { signal }) {
      const work = streaming<ImportProgress, DatasetSummary>(signal, (tell, stop) =>
        importFile(
          data,
          { path, name, settings: settingsOf(settings), again, ...(idColumn !== '' && { idColumn }) },
          tell,
          stop,
        ),
      );
      for await (const step of work)
        if (step.done) yield { kind: { case: 'dataset' as const, value: datasetOf(step.value) } };
        else {
          const { pass, bytes, totalBytes, rows } = step.value;
          const value = {
            phase: pass === 1 ? 'reading' : 'storing',
            bytes: BigInt(bytes),
            totalBytes: BigInt(totalBytes),
            rows: BigInt(rows),
          };
          yield { kind: { case: 'progress' as const, value } };
        }
    },
    listDatasets: () => ({ datasets: listDatasets(data).map(datasetOf) }),
    deleteDataset({ dataset }) {
      const used = read.get<{ id: string }>(
        "select id from study where dataset = ? and phase not in ('finished', 'stopped')",
        dataset,
      );
      if (used)
        throw new AssentError('STUDY_STATE', `Data set ${dataset} is in use by study ${used.id}, which is not over.`);
      deleteDataset(data, dataset);
      return {};
    },

    ...qualityHandlers(node),
    ...mappingHandlers(node),

    listStudies({ locale }) {
      const language = languageOf(locale);
      return { studies: read.all<StudyRow>('select * from study order by id').map((row) => summary(row, language)) };
    },
    listRounds({ study, limit }) {
      const rows = read.all<RoundRow>(
        `select * from round where ? in ('', study) order by study, round desc, attempt desc limit ?`,
        study,
        limit || 100,
      );
      return { rounds: rows.map(roundSummary) };
    },
    getRound({ name, locale }) {
      const row = roundOf(read, keyOf(name!));
      const offered = offeredOf(row);
      const language = languageOf(locale);
      const screen = roundScreen(offered, joinedStudyOf(read, row.study).rows, language);
      return {
        summary: roundSummary(row),
        planHash: row.plan,
        title: screen.title,
        purpose: screen.purpose,
        update: screen.update,
        coordinatorReads: screen.coordinatorReads,
        tensors: screen.tensors.map((tensor) => ({ ...tensor, bytes: BigInt(tensor.bytes) })),
        releases: screen.releases,
        cohort: screen.cohort,
        normBound: screen.normBound,
        approveStatement: screen.approve,
        declineStatement: screen.decline,
        inputModel: offered.plan.inputModel.sha256,
      };
    },

    async decideRound({ name, planHash, decision, reason, passphrase, locale }) {
      const made = await decide(consent, keyOf(name!), {
        planHash,
        decision: decision === Decision.APPROVE ? 'approve' : 'decline',
        reason,
        passphrase,
        locale: languageOf(locale),
      });
      node.wake();
      return made;
    },
    async signPolicy({ study, rounds: most, attempts, bytes, norm, cohort, days, passphrase, locale }) {
      const definition = studyOf(joinedStudyOf(read, study));
      const signed = await signPolicy(consent, {
        study,
        passphrase,
        locale: languageOf(locale),
        bounds: {
          rounds: most || definition.rounds,
          attempts: attempts || ATTEMPTS,
          bytes: bytes || updateSize(definition),
          norm: norm || definition.bounds.norm,
          cohort: cohort || definition.cohort.quorum,
          days: days || 90,
        },
      });
      node.wake();
      return signed;
    },
    revokePolicy({ study }) {
      revokePolicy(consent, study);
      return {};
    },

    ...modelHandlers(node),
    ...receiptHandlers(node),

    async exportAuditLog({ folder }) {
      const { size, root } = await exportAuditLog(store.journal, store.keys.log, folder, [
        'update.sent',
        'approval.granted',
      ]);
      return { size: BigInt(size), root: toHex(root) };
    },
  };

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
      policy: read.get("select 1 from policy where study = ? and state = 'active'", row.id) !== undefined,
    };
  }
  function roundSummary(row: RoundRow) {
    const { plan } = offeredOf(row);
    const approval = read.get<{ bytes: Buffer }>('select bytes from approval where hash = ?', row.approval ?? '');
    return {
      name: { study: row.study, round: row.round, attempt: row.attempt },
      stage: row.stage,
      code: row.code ?? '',
      outcome: row.result ?? '',
      automatic: approval !== undefined && approvalRecord.decode(approval.bytes).policy !== null,
      approveBy: plan.approveBy,
      sendBy: plan.sendBy,
      bytes: BigInt(plan.update.bytes),
      receipt: receiptInWord(read, row),
    };
  }
}

const settingsOf = (said: FileSettings | undefined) => {
  const { encoding = '', delimiter = '', quote = '', decimal = '', thousands = '', dates = '' } = said ?? {};
  return parseOverrides({ encoding, delimiter, quote, decimal, thousands, dates });
};

const datasetOf = ({ id, name, file, sha256, importedAt, rows, columns, snapshot }: DatasetSummary) => ({
  id,
  name,
  file,
  sha256,
  importedAt,
  rows: BigInt(rows),
  columns,
  snapshot,
});
