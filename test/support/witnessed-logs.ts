// Logs in temporary files that witness each other without a network: each with its keys, its journal, and a clock turned by hand.
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openAnchors } from '../../platform/anchors.ts';
import { generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal } from '../../platform/journal.ts';
import type { Answer } from '../../platform/letters.ts';
import { logKey } from '../../platform/log-origin.ts';
import { witnessKey, type Party } from '../../platform/parties.ts';
import * as witnessSchema from '../../platform/witness-schema.ts';
import { openWitness } from '../../platform/witness.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import { handClock, type HandClock } from './hand-clock.ts';
import { temporaryFolder } from './temporary.ts';

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0002-witness', sql: witnessSchema.sql },
];

const STARTED: AuditEntry = { kind: 'program.started', detail: { software: 'assent', node: 'v24', platform: 'linux' } };
/** Others rely on it: a checkpoint follows. */
const EXPORTED: AuditEntry = { kind: 'log.exported', detail: { size: 0, root: '00'.repeat(32), format: 'x' } };

/** `others` is asked each time, so that logs can be made one after the other. */
export function witnessedLog(
  id: string,
  others: () => readonly Party[],
  o: { file?: string; clock?: HandClock; keys?: ReturnType<typeof newKeys> } = {},
) {
  const { clock = handClock(), keys = newKeys(), file = join(temporaryFolder(), `${id}.db`) } = o;
  const { log, witness } = keys;
  const journal = openJournal<string>({ file, migrations: MIGRATIONS, now: clock.now });
  onTestFinished(() => journal.close());
  const own = logKey(log.publicKey);
  journal.signWith({ key: own, sign: (message) => signEd25519(log.privateKey, message) });
  const said: string[] = [];
  let fellBehind = 0;
  const party: Party = { id, log: own, witness: witnessKey('test', id, witness.publicKey) };
  const parties = () => others().filter((other) => other.id !== id);
  const append = (entry: AuditEntry) => journal.transact('test', (tx) => tx.append(entry));
  return {
    id,
    keys,
    file,
    clock,
    journal,
    party,
    said,
    fellBehind: () => fellBehind,
    /** Appends so many records, the last of which is followed by a checkpoint. */
    grow(records: number) {
      for (let i = 1; i < records; i++) append(STARTED);
      append(EXPORTED);
    },
    kinds: () =>
      journal.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind),
    anchors: openAnchors({
      journal,
      logPublicKey: () => log.publicKey,
      witnesses: parties,
      now: clock.now,
      fellBehind: () => void fellBehind++,
    }),
    witness: openWitness({
      journal,
      key: () => ({ key: party.witness, sign: (message) => signEd25519(witness.privateKey, message) }),
      parties,
      now: clock.now,
      say: (line) => said.push(line),
    }),
  };
}

export type WitnessedLog = ReturnType<typeof witnessedLog>;

export const newKeys = () => ({ log: generateEd25519(), witness: generateEd25519() });

/** Lets the owner ask and the witnesses answer until there is nothing to ask now; returns all answers. */
export function correspond(owner: WitnessedLog, witnesses: readonly WitnessedLog[]): Answer[] {
  const all: Answer[] = [];
  for (let turn = 0; turn < 10; turn++) {
    const requests = owner.anchors.requests();
    if (requests.length === 0) break;
    for (const { to, body } of requests) {
      const witness = witnesses.find(({ id }) => id === to);
      for (const answer of witness?.witness.judge([{ from: owner.id, body }]) ?? []) {
        owner.anchors.take(to, answer);
        all.push(answer);
      }
    }
  }
  return all;
}
