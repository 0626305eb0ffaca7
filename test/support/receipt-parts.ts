// The parts of a receipt, made by hand: what an institution signed, what a coordinator signed, and a log that may say otherwise.
import { generateEd25519, sha256, signEd25519 } from '../../platform/crypto.ts';
import { logKey } from '../../platform/log-origin.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import { outcomeRecord, updateRecord, type Outcome, type UpdateStatement } from '../../shared/records/round.ts';
import { signRecord } from '../../shared/records/signed.ts';
import type { ReceiptParts } from '../../shared/transparency/receipt.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { openLog, recordsOf } from './receipt-log.ts';

const at = '2026-01-02T03:04:05.678Z';
const hash = (digits: string) => digits.repeat(32);

const pair = () => {
  const { publicKey, privateKey } = generateEd25519();
  return { publicKey, sign: (message: Uint8Array) => signEd25519(privateKey, message) };
};

export type Records = ReturnType<typeof recordsOf>;

/** `say` chooses what the log holds, in this order; the receipt shows the first two records of it. */
export function receiptParts(
  say: (records: Records) => [AuditEntry, AuditEntry] = (records) => [records.accepted(), records.aggregated()],
  ends: (outcome: Outcome) => Outcome = (outcome) => outcome,
) {
  const [institution, coordinator, log] = [pair(), pair(), pair()];
  const place = { study: 'small', round: 4, attempt: 2 };
  const statement: UpdateStatement = {
    v: 1,
    ...place,
    plan: hash('11'),
    member: 'alpha',
    approval: hash('22'),
    blob: hash('33'),
    bytes: 1000,
    examples: 120,
    metrics: { loss: '0.5' },
    at,
  };
  const sent = signRecord(updateRecord, statement, institution.sign);
  const statementHash = toHex(sha256(sent.bytes));
  const outcome = ends({
    v: 1,
    ...place,
    plan: hash('11'),
    result: 'aggregated',
    reason: '',
    participants: [
      { member: 'alpha', statement: statementHash, blob: hash('33'), weight: 120 },
      { member: 'beta', statement: hash('44'), blob: hash('55'), weight: 80 },
    ],
    aggregate: hash('66'),
    model: hash('77'),
    metrics: { loss: '0.25' },
    at,
  });
  const told = signRecord(outcomeRecord, outcome, coordinator.sign);
  const held = openLog(log, () => Date.parse(at));
  for (const entry of say(recordsOf(statement, statementHash, outcome, toHex(sha256(told.bytes))))) held.append(entry);
  held.grow(3);
  const logged = (index: number) => ({ record: held.record(index), proof: held.proof(index) });
  const parts: ReceiptParts = {
    statement: sent.bytes,
    outcome: told.bytes,
    accepted: logged(0),
    aggregated: logged(1),
  };
  return {
    parts,
    key: logKey(log.publicKey),
    log: held,
    sign: log.sign,
    statement: { ...sent, key: institution.publicKey },
    outcome: { ...told, key: coordinator.publicKey },
    statementHash,
  };
}
