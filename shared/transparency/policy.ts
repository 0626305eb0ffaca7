// Whom an auditor trusts (C2SP tlog-policy): logs, witnesses, and how many witnesses must have seen a checkpoint.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { sameBytes } from './bytes.ts';
import type { Signer } from './note.ts';
import type { Primitives } from './primitives.ts';
import { encodeVkey, parseVkey, sameIdentity, type VerifierKey } from './verifier-key.ts';

/** A name of the policy: one witness, or a group of which `threshold` members must have signed. */
export type Voice =
  | { name: string; kind: 'witness'; key: VerifierKey }
  | { name: string; kind: 'group'; threshold: number; members: Voice[] };

/** `quorum` null asks for no witness. */
export type TrustPolicy = { logs: VerifierKey[]; witnesses: VerifierKey[]; quorum: Voice | null };

const MAX_LINES = 1000;

/** Trust in one log and no witness: what a single key on the command line means. */
export const trustLog = (key: VerifierKey): TrustPolicy => ({ logs: [key], witnesses: [], quorum: null });

// Names of witnesses have a slash (platform/parties.ts), so this one is free.
const MAJORITY = 'majority';

/** Trust in one log under the eyes of more than half of these witnesses, as text. No witness: none is asked for. */
export function encodePolicy(log: VerifierKey, witnesses: readonly VerifierKey[]): Uint8Array<ArrayBuffer> {
  const enough = Math.floor(witnesses.length / 2) + 1;
  const names = witnesses.map(({ name }) => name).join(' ');
  const quorum = names === '' ? ['quorum none'] : [`group ${MAJORITY} ${enough} ${names}`, `quorum ${MAJORITY}`];
  return encodeUtf8(
    [
      '# Made by the owner of the log. Compare the keys with those that you have from elsewhere, then it says whom you trust.',
      `log ${encodeVkey(log)}`,
      ...witnesses.map((key) => `witness ${key.name} ${encodeVkey(key)}`),
      ...quorum,
      '',
    ].join('\n'),
  );
}

/** Throws TRUST_POLICY_INVALID with the number of the line. */
export function parsePolicy(p: Primitives, bytes: Uint8Array): TrustPolicy {
  const policy: TrustPolicy = { logs: [], witnesses: [], quorum: null };
  const voices = new Map<string, Voice>();
  const inGroup = new Set<string>();
  let quorums = 0;
  let number = 0;
  const invalid = (problem: string, cause?: unknown) =>
    new AssentError('TRUST_POLICY_INVALID', `Trust policy, line ${number}: ${problem}.`, { line: `${number}` }, cause);

  const readKey = (text: string | undefined, type: VerifierKey['type'], others: readonly VerifierKey[]) => {
    let key: VerifierKey;
    try {
      key = parseVkey(p, text ?? '');
    } catch (cause) {
      throw invalid(cause instanceof Error ? cause.message.replace(/\.$/, '') : 'no verifier key', cause);
    }
    if (key.type !== type) throw invalid(`a key of type ${type} is needed here, not ${key.type}`);
    if (others.some((other) => sameBytes(other.publicKey, key.publicKey)))
      throw invalid('the same key is listed twice');
    return key;
  };
  const define = (voice: Voice) => {
    if (voice.name === 'none' || voices.has(voice.name)) throw invalid(`the name ${voice.name} is taken`);
    voices.set(voice.name, voice);
  };
  const named = (name: string | undefined): Voice => {
    const voice = voices.get(name ?? '');
    if (voice === undefined) throw invalid(`${name ?? 'nothing'} is not a witness or group of an earlier line`);
    return voice;
  };
  const readGroup = (name: string | undefined, amount: string | undefined, names: string[]) => {
    const members = names.map(named);
    if (name === undefined || members.length === 0)
      throw invalid('a group has a name, all, any or a number, and members');
    for (const member of names) {
      if (inGroup.has(member)) throw invalid(`${member} is a member twice`);
      inGroup.add(member);
    }
    const threshold = amount === 'all' ? members.length : amount === 'any' ? 1 : Number(amount);
    if (!/^(all|any|[1-9][0-9]*)$/.test(amount ?? '') || threshold > members.length) {
      throw invalid(`all, any or a number from 1 to ${members.length} is needed, not ${amount}`);
    }
    define({ name, kind: 'group', threshold, members });
  };

  const lines = readLines(bytes);
  for (const line of lines) {
    number++;
    const [word, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (word === undefined || word.startsWith('#')) continue;
    if (word === 'log' && items.length <= 2) {
      policy.logs.push(readKey(items[0], 1, policy.logs));
    } else if (word === 'witness' && items.length >= 2 && items.length <= 3) {
      const key = readKey(items[1], 4, policy.witnesses);
      policy.witnesses.push(key);
      define({ name: items[0]!, kind: 'witness', key });
    } else if (word === 'group') {
      readGroup(items[0], items[1], items.slice(2));
    } else if (word === 'quorum' && items.length === 1) {
      if (++quorums > 1) throw invalid('there is more than one quorum');
      policy.quorum = items[0] === 'none' ? null : named(items[0]);
    } else {
      throw invalid(`${word} with ${items.length} items is not a line of a policy`);
    }
  }
  if (quorums === 0) throw invalid('the line "quorum ..." is missing; "quorum none" asks for no witness');
  return policy;
}

function readLines(bytes: Uint8Array): string[] {
  const invalid = (problem: string) => new AssentError('TRUST_POLICY_INVALID', `Trust policy: ${problem}.`);
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    throw invalid('it is not UTF-8');
  }
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw invalid('it holds a control character');
  if (!text.endsWith('\n')) throw invalid('it does not end with a line feed');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > MAX_LINES) throw invalid(`it has more than ${MAX_LINES} lines`);
  return lines;
}

const hasSpoken = (voice: Voice, signers: readonly Signer[]): boolean =>
  voice.kind === 'witness'
    ? signers.some((signer) => sameIdentity(signer, voice.key))
    : voice.members.filter((member) => hasSpoken(member, signers)).length >= voice.threshold;

/** Whether a log of the policy, whose name is the origin, and enough of its witnesses are among those who signed. */
export function policyAccepts(policy: TrustPolicy, origin: string, signers: readonly Signer[]): boolean {
  const byLog = policy.logs.some((log) => log.name === origin && signers.some((signer) => sameIdentity(signer, log)));
  return byLog && (policy.quorum === null || hasSpoken(policy.quorum, signers));
}
