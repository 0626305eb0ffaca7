// A coordinator as far as receipts go: a real log that holds whatever a test wants said, and answers over a transport in memory.
import { createClient, createRouterTransport, type ServiceImpl } from '@connectrpc/connect';
import type { AssentNode } from '../../main/node.ts';
import { runRound } from '../../main/round.ts';
import { roundOf } from '../../main/store/rounds.ts';
import type { CoordinatorClient } from '../../main/sync/client.ts';
import { deliverAll } from '../../main/sync/deliver.ts';
import { collectReceipts } from '../../main/sync/receipts.ts';
import { sha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { CoordinatorService } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { updateRecord, type Outcome } from '../../shared/records/round.ts';
import { servingOptions } from '../../shared/rpc/serving.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { decides } from './deciding.ts';
import { institution, type Institution } from './institution.ts';
import { openLog, recordsOf } from './receipt-log.ts';

export const KEY = { study: 'small', round: 1, attempt: 1 };
type Logged = { record: Uint8Array; proof: Uint8Array };
export type Answer = { accepted: Logged; aggregated: Logged; consistency: Uint8Array[] };
const forever = new AbortController().signal;

/** An institution that has sent its update and was answered; the round is not closed yet. */
export async function sentRound(
  options: Parameters<typeof institution>[0] & { onUpdate?(here: Institution): void } = {},
) {
  const here = await institution(options);
  const { node, clock, coordinator, study } = here;
  const plan = coordinator.plan(study, ['alpha', 'beta']);
  here.take(plan);
  await node.store.blobs.put(plan.model);
  await decides(here);
  await runRound(node.rounds, KEY, forever);

  const answers: { receipt: ServiceImpl<typeof CoordinatorService>['getReceipt'] } = {
    receipt: () => Promise.reject(new AssentError('RECEIPT_UNKNOWN', 'There is none.')),
  };
  const blobs = new Map<string, Uint8Array>();
  const asked: { seen: number[]; blobs: string[] } = { seen: [], blobs: [] };
  const done = () => ({});
  const transport = createRouterTransport(
    ({ service }) =>
      service(CoordinatorService, {
        enrol: done,
        join: done,
        leave: done,
        decide: done,
        submitUpdate() {
          options.onUpdate?.(here);
          return {};
        },
        getReceipt(request, context) {
          asked.seen.push(Number(request.seen));
          return answers.receipt(request, context);
        },
      }),
    { router: servingOptions },
  );
  const client = (): CoordinatorClient => ({
    calls: createClient(CoordinatorService, transport),
    upload: async () => {},
    async download(hash, most, files) {
      asked.blobs.push(hash);
      const bytes = blobs.get(hash);
      if (!bytes) throw new AssentError('BLOB_UNKNOWN', `There is no blob ${hash} here.`);
      if (bytes.length > most) throw new AssentError('BLOB_SIZE', 'too large');
      await files.append(hash, 0, bytes.length, single(bytes));
    },
  });
  const { store } = node;
  await deliverAll(
    { store, clock, client, mayNotLeave: () => undefined, sending: () => {}, notify: () => {} },
    forever,
  );

  const row = roundOf(node.store.journal.read, KEY);
  const statement = updateRecord.decode(row.statement!);
  const statementHash = toHex(sha256(row.statement!));
  const mine = { member: 'alpha', statement: statementHash, blob: statement.blob, weight: statement.examples };
  const outcomeOf = (changes: Partial<Omit<Outcome, 'v' | 'at'>> = {}) => ({
    ...KEY,
    plan: plan.hash,
    result: 'aggregated' as const,
    reason: '',
    participants: [mine, { member: 'beta', statement: '22'.repeat(32), blob: '33'.repeat(32), weight: 5 }],
    aggregate: '44'.repeat(32),
    model: '55'.repeat(32),
    metrics: { loss: '0.25' },
    ...changes,
  });
  const said: string[] = [];
  let room = Number.MAX_SAFE_INTEGER;
  return {
    ...here,
    plan,
    row,
    statement,
    mine,
    answers,
    asked,
    blobs,
    said,
    log: openLog(coordinator.log, clock.now),
    /** Bytes free on the disk, as the node is told. */
    setRoom: (bytes: number) => void (room = bytes),
    /** The coordinator says how the round ended. */
    close(changes: Partial<Omit<Outcome, 'v' | 'at'>> = {}) {
      const value = outcomeOf(changes);
      const told = coordinator.outcome(value);
      here.take(told);
      return recordsOf(statement, statementHash, { v: 1, at: '', ...value }, told.hash);
    },
    collect: (signal = forever) =>
      collectReceipts(
        { store: node.store, clock, client, free: async () => room, say: (line) => said.push(line) },
        signal,
      ),
    /** Details of the audit records of this kind. */
    details: (kind: string) => detailsOf(here, kind),
  };
}
export type SentRound = Awaited<ReturnType<typeof sentRound>>;

export function detailsOf({ node }: { node: AssentNode }, kind: string): Record<string, unknown>[] {
  const rows = node.store.journal.read.all<{ bytes: Buffer }>(
    'select bytes from record where kind = ? order by position',
    kind,
  );
  return rows.map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> }).detail);
}

async function* single(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
