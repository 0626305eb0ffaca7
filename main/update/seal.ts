// From what training left to what may leave: within the plan's bounds, as exact bytes, with a signed statement about them.
import { AssentError } from '../../shared/errors.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { decimalOf } from '../../shared/records/fields.ts';
import { updateRecord } from '../../shared/records/round.ts';
import { signRecord, type Signed } from '../../shared/records/signed.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { decodeMessage, encodeMessage, messageNorm } from '../../shared/wire/update.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Approved, Sealed, Trained } from '../stages.ts';
import type { Store } from '../store/open.ts';

/**
 * Checks the trained message against approval and plan, writes the bytes that may leave and signs the statement. The round
 * is `sealed` afterwards. Throws UPDATE_SHAPE, UPDATE_NOT_FINITE, UPDATE_NORM, APPROVAL_MISMATCH.
 */
export async function seal(
  deps: { store: Store; now(): number },
  approved: Approved,
  trained: Trained,
  member: string,
): Promise<Sealed> {
  const { store } = deps;
  const { plan, planHash, approval, approvalHash, study, round, attempt } = approved;
  if (trained.approvalHash !== approvalHash)
    throw new AssentError('APPROVAL_MISMATCH', `Round ${round} of ${study} was trained under another approval.`);
  const definition = plan.definition;
  const layout = parameterLayout(definition.model.layers, encodedColumns(definition).length);
  const message = decodeMessage(new Uint8Array(await store.blobs.read(trained.blob)), plan.update.vectors, layout);
  const norm = messageNorm(message);
  if (!(norm <= definition.bounds.norm))
    throw new AssentError(
      'UPDATE_NORM',
      `The update of round ${round} has norm ${norm}; the plan allows ${definition.bounds.norm}.`,
      {
        norm: decimalOf(norm),
        bound: decimalOf(definition.bounds.norm),
      },
    );
  const bytes = encodeMessage(message, layout);
  if (bytes.length > approval.maxBytes)
    throw new AssentError(
      'APPROVAL_MISMATCH',
      `The update has ${bytes.length} bytes; ${approval.maxBytes} were approved.`,
    );
  const blob = await store.blobs.put(bytes);
  const statement = signRecord(
    updateRecord,
    {
      v: 1,
      study,
      round,
      attempt,
      plan: planHash,
      member,
      approval: approvalHash,
      blob,
      bytes: bytes.length,
      examples: trained.examples,
      metrics: trained.metrics,
      at: new Date(deps.now()).toISOString(),
    },
    store.keys.member.sign,
  );
  const statementHash = toHex(sha256(statement.bytes));
  store.journal.transact('update.seal', (tx) => {
    const changed = tx.run(
      `update round set stage = 'sealed', statement = ?, statement_signature = ?, sealed = ?, norm = ?
       where study = ? and round = ? and attempt = ? and stage = 'trained'`,
      statement.bytes,
      statement.signature,
      blob,
      decimalOf(norm),
      study,
      round,
      attempt,
    );
    if (changed.changes !== 1)
      throw new AssentError('ROUND_CLOSED', `Round ${round} of ${study} ended while its update was sealed.`);
    tx.append({
      kind: 'update.sealed',
      study,
      round,
      attempt,
      detail: {
        plan: planHash,
        approval: approvalHash,
        statement: statementHash,
        blob,
        bytes: bytes.length,
        norm: decimalOf(norm),
      },
    });
  });
  const made = { statement, statementHash, blob, bytes: bytes.length, norm: decimalOf(norm) };
  return { study, round, attempt, approvalHash, ...made } as Sealed;
}

/** What `seal` left, read back after a restart. */
export function sealedOf(
  approved: Approved,
  row: { statement: Buffer | null; statement_signature: Buffer | null; norm: string | null },
): Sealed {
  const { study, round, attempt, approvalHash } = approved;
  const statement: Signed = { bytes: row.statement!, signature: row.statement_signature! };
  const { blob, bytes, approval } = updateRecord.decode(statement.bytes);
  if (approval !== approvalHash)
    throw new AssentError('APPROVAL_MISMATCH', `Round ${round} of ${study} was sealed under another approval.`);
  const statementHash = toHex(sha256(statement.bytes));
  return { study, round, attempt, approvalHash, statement, statementHash, blob, bytes, norm: row.norm! } as Sealed;
}
