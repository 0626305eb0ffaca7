// The methods of node.proto that show the audit log in words, and check it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import {
  VerifyFault,
  VerifyStage,
  type AuditRowSchema,
  type NodeService,
  type RecordProofSchema,
  type VerifiedLogSchema,
} from '../shared/gen/assent/v1/node_pb.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { filterOf } from './audit/filter.ts';
import { meaningOf } from './audit/kinds.ts';
import { listRecords, type Listed } from './audit/list.ts';
import { showRecord, type Proof } from './audit/record.ts';
import { verifyLog, type CheckedLog, type VerifyStage as Stage } from './audit/verify.ts';
import { languageOf } from './language.ts';
import type { AssentNode } from './node.ts';
import { streaming } from './streaming.ts';
import { memberKeys } from './sync/enrol.ts';

const PAGE = 100;

export function recordHandlers({
  store,
  anchoring,
}: AssentNode): Pick<ServiceImpl<typeof NodeService>, 'listRecords' | 'getRecord' | 'verifyLog'> {
  const { journal, keys } = store;
  return {
    listRecords({ filter, text, before, limit, locale }) {
      const size = journal.size();
      const asked = { text, before: before === undefined ? undefined : Number(before), limit: limit || PAGE };
      const manner = { language: languageOf(locale), names: true, pseudonyms: false };
      const { rows, next, total } = listRecords(journal.read, size, filterOf(filter), asked, manner);
      return {
        rows: rows.map(rowToWire),
        size: BigInt(size),
        ...(next !== undefined && { next: BigInt(next) }),
        ...(total !== undefined && { total: BigInt(total) }),
      };
    },
    getRecord({ position, locale }) {
      const size = journal.size();
      const own = { log: keys.log.publicKey, member: memberKeys(store).member };
      const deps = { read: journal.read, nodes: journal.nodes, size, keys: own, witnesses: anchoring.witnesses() };
      const { row, proof, ...shown } = showRecord(deps, Number(position), languageOf(locale));
      return { ...shown, row: rowToWire(row), size: BigInt(size), ...(proof && { proof: proofToWire(proof) }) };
    },
    async *verifyLog(_, { signal }) {
      const deps = { journal, keys: memberKeys(store), witnesses: anchoring.witnesses() };
      const work = streaming<Stage, CheckedLog>(signal, (tell, stop) => verifyLog(deps, tell, stop));
      for await (const step of work)
        if (step.done) yield { kind: { case: 'verified' as const, value: checkedToWire(step.value) } };
        else {
          const { stage, records, of } = step.value;
          const value = { stage: STAGES[stage], records: BigInt(records), totalRecords: BigInt(of) };
          yield { kind: { case: 'progress' as const, value } };
        }
    },
  };
}

const STAGES = { bytes: VerifyStage.BYTES, sense: VerifyStage.SENSE };
const FAULTS = {
  record: VerifyFault.RECORD,
  filed: VerifyFault.FILED,
  tree: VerifyFault.TREE,
  checkpoint: VerifyFault.CHECKPOINT,
  opening: VerifyFault.OPENING,
  signed: VerifyFault.SIGNED,
  sense: VerifyFault.SENSE,
};

const rowToWire = (row: Listed['rows'][number]): MessageInitShape<typeof AuditRowSchema> => ({
  ...row,
  position: BigInt(row.index),
  failed: meaningOf(row.kind).failed ?? false,
});

function proofToWire({ checkpoint, ...proof }: Proof): MessageInitShape<typeof RecordProofSchema> {
  const { size, at, root } = checkpoint;
  return { ...proof, size: BigInt(size), at, root: toHex(root) };
}

function checkedToWire({ head, sense, findings, ...checked }: CheckedLog): MessageInitShape<typeof VerifiedLogSchema> {
  return {
    ...checked,
    sound: checked.found === 0,
    records: BigInt(checked.records),
    size: BigInt(head?.size ?? 0),
    anchoredSize: BigInt(checked.anchoredSize),
    ...(head && { root: toHex(head.root), at: head.at, anchoredBy: head.anchoredBy, missing: head.missing }),
    judged: sense !== undefined,
    ...(sense && {
      signatures: sense.signatures,
      roundsOk: sense.rounds.ok,
      roundsNotShown: sense.rounds.notShown,
      roundsFailed: sense.rounds.failed,
    }),
    findings: findings.map(({ fault, position, message }) => ({
      fault: FAULTS[fault],
      message,
      ...(position !== undefined && { position: BigInt(position) }),
    })),
  };
}
