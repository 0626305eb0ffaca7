// The owner's side of witnessing: asks for cosignatures of the own log's checkpoints, keeps them, and notices when a witness
// holds a state of this log that the store does not.
import { AssentError } from '../shared/errors.ts';
import { sameBytes } from '../shared/transparency/bytes.ts';
import { parseCheckpoint, type Checkpoint } from '../shared/transparency/checkpoint.ts';
import { readCosignature } from '../shared/transparency/cosignature.ts';
import { consistencyProof, rootHash } from '../shared/transparency/tree.ts';
import { encodeAddCheckpoint, isSignedBy, sizeOfConflict } from '../shared/transparency/witness.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { primitives, sha256 } from './crypto.ts';
import type { Journal } from './journal.ts';
import type { Answer } from './letters.ts';
import { findConflict, keepConflict } from './log-conflict.ts';
import { currentLog, latestCheckpoint, type OwnCheckpoint } from './own-logs.ts';
import type { Party } from './parties.ts';

export type AnchorDeps<Step extends string> = {
  journal: Journal<Step | 'anchor.keep' | 'log.conflict' | 'log.checkpoint'>;
  /** Of the log that is written now. */
  logPublicKey(): Uint8Array;
  /** Whom to ask (parties.ts, witnessesOf). */
  witnesses(): readonly Party[];
  now(): number;
  /** Told once, when it turns out that a witness holds what this store does not. */
  fellBehind(): void;
};

export type Request = { to: string; body: Uint8Array };
export type Anchors = {
  /** What is to be asked now, of everybody or of one witness. What is returned counts as asked. */
  requests(only?: string): Request[];
  /** What was returned and could not be sent: it will be returned again. */
  unsent(requests: readonly Request[]): void;
  /** When there will be something to ask (this witness), if nothing else happens; undefined: not until the log grows. */
  nextRequest(only?: string): number | undefined;
  /** Takes in a witness's answer; one that was not waited for, or that does not verify, changes nothing. */
  take(from: string, answer: Answer): void;
  /** Whether this witness has answered since the program started: then it holds nothing that is not here, or it is known. */
  compared(witness: string): boolean;
  /** Asks for cosignatures at exactly this size, at once and until it is released, however the log grows. */
  pin(size: number): { release(): void };
};

/** Between a cosignature and the next question: a log that grows fast is asked about once a second. */
const GAP_MS = 1_000;
/** Without an answer that helps, it is asked again after so long, then ever more seldom. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** A log that does not grow is shown again, so that it stays known to be unchanged. */
const REFRESH_MS = 12 * 3600_000;
/** Records that nobody relies on have a checkpoint by then. */
const COVER_MS = 10 * 60_000;
/** Clocks that talk to one coordinator differ by less (coordinator/caller.ts). */
const MOST_AHEAD_MS = 10 * 60_000;
/** So often a witness may in a row correct what it is asked before that is taken for no answer. */
const MOST_CORRECTIONS = 3;
/** Questions to one witness that are on their way at a time. */
const MOST_OPEN = 4;

/** With one witness. */
type Dialogue = {
  /** What was asked and not answered: SHA-256 of the request -> size of the checkpoint. */
  open: Map<string, number>;
  /** Questions since the last cosignature. */
  tries: number;
  notBefore: number;
  /** What it says it has cosigned, where that is not what the store says. */
  says: number | undefined;
  compared: boolean;
};

export function openAnchors<Step extends string>(deps: AnchorDeps<Step>): Anchors {
  const { journal, now } = deps;
  const { read, nodes } = journal;
  const dialogues = new Map<string, Dialogue>();
  const pins: { size: number }[] = [];
  const log = () => currentLog(read, deps.logPublicKey());

  function dialogueOf({ witness }: Party): Dialogue {
    const name = `${toHex(witness.publicKey)} ${log().key.name}`;
    const found = dialogues.get(name);
    const dialogue = found ?? { open: new Map(), tries: 0, notBefore: 0, says: undefined, compared: false };
    dialogues.set(name, dialogue);
    return dialogue;
  }

  const lastOf = ({ witness }: Party) =>
    read.get<{ size: number; time: number }>(
      'select size, time from cosignature where witness = ? and key = ? and size > ? order by size desc limit 1',
      witness.name,
      witness.publicKey,
      log().since,
    );

  /** When the records without a checkpoint are to get one; undefined: there is none of them, or this log signs no more. */
  function coverAt(): number | undefined {
    if (findConflict(read, log().key.name)) return undefined;
    const last = read.get<{ size: number; at: string }>('select size, at from checkpoint order by size desc limit 1');
    if (last?.size === journal.size()) return undefined;
    return last ? Date.parse(last.at) + COVER_MS : 0;
  }

  /** The checkpoint to ask about. */
  const head = (): OwnCheckpoint | undefined =>
    latestCheckpoint(read, log(), pins.length === 0 ? undefined : Math.min(...pins.map(({ size }) => size)));

  function dueAt(party: Party, { size }: OwnCheckpoint): number | undefined {
    const last = lastOf(party);
    const { compared, notBefore: until } = dialogueOf(party);
    // Nothing waits longer than this: the clock was set back.
    const notBefore = until - now() > LONGEST_WAIT_MS ? 0 : until;
    if (last === undefined || last.size < size || !compared) return notBefore;
    return pins.length > 0 ? undefined : Math.max(last.time * 1000 + REFRESH_MS, notBefore);
  }

  function ask(party: Party, { size, note }: OwnCheckpoint): Request[] {
    const dialogue = dialogueOf(party);
    const oldSize = dialogue.says ?? lastOf(party)?.size ?? 0;
    dialogue.notBefore = now() + Math.min(FIRST_WAIT_MS * 2 ** dialogue.tries, LONGEST_WAIT_MS);
    if (oldSize > size) return []; // it has cosigned more than is asked for here
    const proof = consistencyProof(primitives, nodes, oldSize, size);
    const body = encodeAddCheckpoint({ oldSize, proof, checkpoint: note });
    dialogue.tries += 1;
    const { open } = dialogue;
    if (open.size === MOST_OPEN) open.delete(open.keys().next().value!);
    open.set(toHex(sha256(body)), size);
    return [{ to: party.id, body }];
  }

  function take(from: string, answer: Answer): void {
    const party = deps.witnesses().find(({ id }) => id === from);
    const dialogue = party && dialogueOf(party);
    const size = dialogue?.open.get(answer.request);
    const asked = size === undefined ? undefined : latestCheckpoint(read, log(), size);
    if (!party || !dialogue || !asked || asked.size !== size) return;
    try {
      if (answer.status === 200) keepCosignature(party, dialogue, asked, answer.body);
      else refused(party, dialogue, answer);
      dialogue.open.delete(answer.request);
    } catch (error) {
      // What does not verify is as good as no answer: it is asked again.
      if (!(error instanceof AssentError) || error.code !== 'CHECKPOINT_INVALID') throw error;
    }
  }

  function keepCosignature({ witness }: Party, dialogue: Dialogue, { size, note }: OwnCheckpoint, lines: Uint8Array) {
    const { line, time } = readCosignature(primitives, parseCheckpoint(note), witness, lines);
    if (time * 1000 > now() + MOST_AHEAD_MS)
      throw new AssentError('CHECKPOINT_INVALID', `${witness.name} signed for a time that has not come yet.`);
    journal.transact('anchor.keep', (tx) => {
      tx.run(
        `insert into cosignature (size, witness, key, line, time) values (?, ?, ?, ?, ?)
         on conflict (size, witness, key) do update set line = excluded.line, time = excluded.time`,
        size,
        witness.name,
        witness.publicKey,
        line,
        time,
      );
    });
    Object.assign(dialogue, { tries: 0, notBefore: now() + GAP_MS, says: undefined, compared: true });
  }

  /** What the witness holds is compared with the log; where that fits, it is asked again from there. */
  function refused({ witness }: Party, dialogue: Dialogue, answer: Answer): void {
    const held = heldCheckpoint(answer);
    if (held && !isOurs(held)) {
      dialogue.compared = true;
      const conflict = { witness: witness.name, held, note: answer.checkpoint, at: now() };
      if (keepConflict(journal, conflict)) deps.fellBehind();
      return;
    }
    const size = held?.size ?? sizeOfConflict(answer);
    const corrects = answer.status === 409 && size !== undefined && size <= journal.size();
    // Without the checkpoint a size is somebody's word: good for another try, and for nothing more.
    if (held || !corrects) dialogue.compared = true;
    if (!corrects) return;
    dialogue.says = size;
    if (dialogue.tries <= MOST_CORRECTIONS) dialogue.notBefore = now();
  }

  /** The checkpoint that came with a refusal, if this log has signed it. */
  function heldCheckpoint({ checkpoint }: Answer): Checkpoint | undefined {
    if (checkpoint.length === 0) return undefined;
    const held = parseCheckpoint(checkpoint);
    const { key } = log();
    return held.origin === key.name && isSignedBy(primitives, held, key) ? held : undefined;
  }

  const isOurs = ({ size, root }: Checkpoint): boolean =>
    size <= journal.size() && sameBytes(rootHash(primitives, nodes, size), root);

  const asked = (only: string | undefined): readonly Party[] =>
    only === undefined ? deps.witnesses() : deps.witnesses().filter(({ id }) => id === only);

  return {
    requests(only) {
      const witnesses = asked(only);
      if (witnesses.length === 0) return [];
      if ((coverAt() ?? Infinity) <= now()) journal.transact('log.checkpoint', () => {});
      const asking = head();
      if (!asking) return [];
      return witnesses.flatMap((party) => ((dueAt(party, asking) ?? Infinity) <= now() ? ask(party, asking) : []));
    },
    unsent(requests) {
      for (const { to, body } of requests) {
        const party = deps.witnesses().find(({ id }) => id === to);
        const dialogue = party && dialogueOf(party);
        if (!dialogue?.open.delete(toHex(sha256(body)))) continue;
        dialogue.tries -= 1;
        dialogue.notBefore = 0;
      }
    },
    nextRequest(only) {
      const witnesses = asked(only);
      const asking = head();
      const due = asking ? witnesses.map((party) => dueAt(party, asking)) : [];
      const times = [coverAt(), ...due].filter((time) => time !== undefined);
      return witnesses.length === 0 || times.length === 0 ? undefined : Math.min(...times);
    },
    take,
    compared: (witness) => {
      const party = deps.witnesses().find(({ id }) => id === witness);
      return party !== undefined && dialogueOf(party).compared;
    },
    pin(size) {
      const pin = { size };
      pins.push(pin);
      for (const dialogue of dialogues.values()) dialogue.notBefore = 0;
      return { release: () => void pins.splice(pins.indexOf(pin), 1) };
    },
  };
}
