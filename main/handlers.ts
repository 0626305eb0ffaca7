// node.proto's methods: each asks one of the folders beside this file, and puts the answer into the contract's form.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import type { FileSettings, NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { primitives } from '../platform/crypto.ts';
import { anchorToWire } from '../platform/anchor-wire.ts';
import { logKey } from '../platform/log-origin.ts';
import { SOFTWARE } from '../platform/software.ts';
import { consentHandlers } from './consent-handlers.ts';
import { auditHandlers } from './audit-handlers.ts';
import { anchorHandlers } from './anchor-handlers.ts';
import { deleteDataset, listDatasets, type DatasetSummary } from './data/datasets.ts';
import { importFile } from './data/import.ts';
import type { ImportProgress } from './data/reading.ts';
import { parseOverrides } from './data/settings.ts';
import { inspectFile } from './data/source.ts';
import type { AssentNode } from './node.ts';
import { callerOf } from './access.ts';
import { ledgerHandlers } from './ledger-handlers.ts';
import { isSetUp } from './people/people.ts';
import { peopleHandlers } from './people-handlers.ts';
import { practiceHandlers } from './practice-handlers.ts';
import { mappingHandlers } from './mapping-handlers.ts';
import { modelHandlers } from './model-handlers.ts';
import { qualityHandlers } from './quality-handlers.ts';
import { recordHandlers } from './record-handlers.ts';
import { receiptHandlers } from './receipt-handlers.ts';
import { coordinatorOf } from './store/rounds.ts';
import { countReceipts } from './store/receipts.ts';
import { describeNetwork, networkOf, setNetwork } from './store/network.ts';
import { memberKeys, readInvitation, requestEnrolment } from './sync/enrol.ts';
import { streaming } from './streaming.ts';
import { studyHandlers } from './study-handlers.ts';
import { uploadHandlers } from './upload-handlers.ts';
import { progressFor, watchHandlers } from './watch-handlers.ts';

export function createHandlers(node: AssentNode): ServiceImpl<typeof NodeService> {
  const { store, clock, data } = node;
  const { read } = store.journal;
  function statusNow() {
    const coordinator = coordinatorOf(read);
    const { contact, training } = node.now();
    const receipts = countReceipts(read);
    const waiting = read.get<{ n: number }>(
      "select count(*) as n from round where stage in ('awaiting', 'releasing') and outcome is null",
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
      setUp: isSetUp(read),
      anchor: anchorToWire(node.anchoring.state(), store.journal.size()),
      receiptsDue: receipts.due,
      receiptsRefused: receipts.refused,
      ...(training && { training: training.key, progress: training.progress }),
    };
  }

  return {
    getStatus: statusNow,
    ...watchHandlers(node, statusNow),

    ...peopleHandlers(node),

    readInvitation: ({ invitation, typed }) => readInvitation(invitation, typed),
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
        columns: columns.map((column) => ({
          ...column,
          encoding: column.encoding ?? '',
          problem: column.problem ?? '',
        })),
        rows,
        whole,
      };
    },
    ...uploadHandlers(node),
    async *importDataset({ path, name, settings, again, idColumn, textColumns }, { signal }) {
      const roles = { texts: textColumns, ...(idColumn !== '' && { identifier: idColumn }) };
      const asked = { path, name, settings: settingsOf(settings), again, roles };
      const work = streaming<ImportProgress, DatasetSummary>(signal, (tell, stop) =>
        node.imports.during((tellAll) => {
          const telling = (progress: ImportProgress) => {
            tell(progress);
            tellAll(progress);
          };
          return importFile(data, asked, telling, stop);
        }),
      );
      for await (const step of work)
        if (step.done) {
          node.uploads.imported(path);
          yield { kind: { case: 'dataset' as const, value: datasetOf(step.value) } };
        } else yield { kind: { case: 'progress' as const, value: progressFor(step.value) } };
    },
    listDatasets: () => ({ datasets: listDatasets(data).map(datasetOf) }),
    deleteDataset({ dataset }, context) {
      const used = read.get<{ id: string }>(
        "select id from study where dataset = ? and phase not in ('finished', 'stopped')",
        dataset,
      );
      if (used)
        throw new AssentError('STUDY_STATE', `Data set ${dataset} is in use by study ${used.id}, which is not over.`);
      deleteDataset(data, dataset, callerOf(context).id);
      return {};
    },

    ...qualityHandlers(node),
    ...mappingHandlers(node),

    ...studyHandlers(node),
    ...consentHandlers(node),
    ...practiceHandlers(node),

    ...modelHandlers(node),
    ...ledgerHandlers(node),
    ...receiptHandlers(node),

    ...auditHandlers(node),
    ...recordHandlers(node),
    ...anchorHandlers(node),
  };
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
