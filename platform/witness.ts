// This program as a witness: it cosigns the logs of others as long as they only grow, and keeps what it saw before it answers.
import type { Checkpoint } from '../shared/transparency/checkpoint.ts';
import { cosign, linesOf, noteBytes, type CosigningKey } from '../shared/transparency/cosignature.ts';
import {
  cosignedAnswer,
  judgeCheckpoint,
  refusal,
  type Contradiction,
  type WatchedLog,
} from '../shared/transparency/witness.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { primitives, sha256 } from './crypto.ts';
import type { Journal, Reader, Tx } from './journal.ts';
import type { Answer } from './letters.ts';
import type { Party } from './parties.ts';

export type WitnessDeps<Step extends string> = {
  journal: Journal<Step | 'witness.judge'>;
  /** The own witness key, under its name in the consortium. */
  key(): CosigningKey;
  /** Everybody whose log is witnessed here, by the keys of a source that this program trusts. */
  parties(): readonly Party[];
  now(): number;
  /** Told once of each kind of contradiction of a log. */
  say(line: string): void;
};

export type Witness = {
  /**
   * Answers requests in their order. What is cosigned is committed, all of it in one transaction, before any answer is
   * returned; so of two requests from the same old size the first wins. `from` is who sent it, as the relay says.
   */
  judge(requests: readonly { from: string; body: Uint8Array }[]): Answer[];
};

type Row = { origin: string; member: string; size: number; root: Buffer; note: Buffer; time: number };

export function openWitness<Step extends string>(deps: WitnessDeps<Step>): Witness {
  const { journal, now } = deps;

  function judgeOne(tx: Tx, parties: readonly Party[], from: string, body: Uint8Array, said: string[]): Answer {
    const owners = new Map(parties.map((party) => [party.log.name, party]));
    const row = (origin: string) => tx.get<Row>('select * from witnessed where origin = ?', origin);
    const judged = judgeCheckpoint(primitives, body, (origin): WatchedLog | undefined => {
      const owner = owners.get(origin);
      // A log is presented by its owner; others have no business with an old checkpoint of it.
      if (owner?.id !== from) return undefined;
      const known = row(origin);
      return { key: owner.log, last: known ? { size: known.size, root: new Uint8Array(known.root) } : null };
    });
    const request = toHex(sha256(body));
    if (judged.status === 200)
      return { ...keep(tx, judged.checkpoint, owners.get(judged.checkpoint.origin)!), request };
    if (judged.status === 409 || judged.status === 422) {
      const { checkpoint, contradiction } = judged;
      const known = row(checkpoint.origin);
      if (contradiction && known) said.push(...raise(tx, known, checkpoint, contradiction, owners));
      return { ...refusal(judged), request, checkpoint: new Uint8Array(known?.note ?? []) };
    }
    return { ...refusal(judged), request, checkpoint: new Uint8Array() };
  }

  function keep(tx: Tx, checkpoint: Checkpoint, owner: Party): Omit<Answer, 'request'> {
    const { origin, size, root, note } = checkpoint;
    const last = tx.get<Row>('select * from witnessed where origin = ?', origin);
    // A clock that was set back does not make a later head look older than an earlier one.
    const time = Math.max(Math.floor(now() / 1000), last?.time ?? 0);
    const line = cosign(deps.key(), checkpoint, time);
    tx.run(
      `insert into witnessed (origin, member, size, root, note, time) values (?, ?, ?, ?, ?, ?)
       on conflict (origin) do update set
         member = excluded.member, size = excluded.size, root = excluded.root, note = excluded.note, time = excluded.time`,
      origin,
      owner.id,
      size,
      root,
      noteBytes(note.text, [...linesOf(note, owner.log), line]),
      time,
    );
    return { ...cosignedAnswer(line), checkpoint: new Uint8Array() };
  }

  /** On record once of each kind and log: whoever sends the same again adds nothing. */
  function raise(
    tx: Tx,
    known: Row,
    seen: Checkpoint,
    why: Contradiction,
    owners: ReadonlyMap<string, Party>,
  ): string[] {
    const { origin, size, root, note } = seen;
    const owner = owners.get(origin)!;
    const added = tx.run(
      'insert into log_alarm (origin, why, member, known, seen, at) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
      origin,
      why,
      owner.id,
      known.note,
      noteBytes(note.text, linesOf(note, owner.log)),
      new Date(now()).toISOString(),
    );
    if (added.changes === 0) return [];
    const heads = {
      known: { size: known.size, root: toHex(known.root) },
      seen: { size, root: toHex(root) },
    };
    tx.append({ kind: 'log.alarm', detail: { origin, member: owner.id, why, ...heads } });
    return [alarmText(owner.id, why, known.size, size)];
  }

  return {
    judge(requests) {
      if (requests.length === 0) return [];
      const said: string[] = [];
      const parties = deps.parties();
      const answers = journal.transact('witness.judge', (tx) =>
        requests.map(({ from, body }) => judgeOne(tx, parties, from, body, said)),
      );
      for (const line of said) deps.say(line);
      return answers;
    },
  };
}

export type Alarm = { origin: string; why: Contradiction; member: string; at: string };
export const alarmsOf = (read: Reader): Alarm[] =>
  read.all<Alarm>('select origin, why, member, at from log_alarm order by at, origin, why');

export type WitnessedLog = { origin: string; member: string; size: number; at: string };
export const witnessedLogs = (read: Reader): WitnessedLog[] =>
  read
    .all<Row>('select * from witnessed order by member, origin')
    .map(({ origin, member, size, time }) => ({ origin, member, size, at: new Date(time * 1000).toISOString() }));

export function alarmText(member: string, why: Contradiction, known: number, seen: number): string {
  const what = {
    smaller: `shows ${seen} records where ${known} were cosigned before`,
    fork: `shows other records than those that were cosigned: two logs of ${seen} records, both signed by it`,
    inconsistent: `does not show that its ${seen} records begin with the ${known} that were cosigned before`,
  }[why];
  return `ALARM: the log of ${member} ${what}. It was not cosigned.`;
}
