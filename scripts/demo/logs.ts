// Exports all audit logs and has assent-verify check them, as an outside auditor would.
//
// Trust begins with the coordinator's keys, which every invitation pins. The coordinator's log, once verified, names the keys of
// the members that it admitted; these make a trust policy for each log: its own key, and the keys of all others as witnesses.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { logKey } from '../../platform/log-origin.ts';
import { COORDINATOR, witnessKey } from '../../platform/parties.ts';
import type { Keys } from '../../shared/records/fields.ts';
import { encodePolicy } from '../../shared/transparency/policy.ts';
import { fromHex } from '../../shared/wire/canonical.ts';
import type { Consortium } from './consortium.ts';
import { root } from './programs.ts';
import type { LogFigures } from './summary.ts';

/** Of a program's log, by the program's name. */
export type PolicyFile = (name: string) => string;

/** All witnesses run, so the wait is as long as a busy machine makes it. */
const PATIENCE_SECONDS = 120;

/** Exports into `audit` of every folder; trust policies go into files that `policyFile` names. */
export async function exportAndVerify(
  { admin, folder, id: consortium, institutions }: Consortium & { id: string },
  coordinatorKeys: Keys,
  policyFile: PolicyFile,
): Promise<LogFigures[]> {
  mkdirSync(path.dirname(policyFile(COORDINATOR)), { recursive: true });
  const audit = path.join(folder, 'audit');
  const [coordinator, ...nodes] = await Promise.all([
    admin.exportLog({ folder: audit, waitSeconds: PATIENCE_SECONDS }),
    ...institutions.map(({ folder: own, calls }) =>
      exportFolder(calls, path.join(own, 'audit'), { waitSeconds: PATIENCE_SECONDS }),
    ),
  ]);
  const alone = new Map([[COORDINATOR, coordinatorKeys]]);
  const { verified } = await verify(alone, COORDINATOR, audit, coordinator);
  const admitted = verified ? admittedKeys(audit) : new Map<string, Keys>();
  const members = institutions.flatMap(({ id }) => [...admitted].filter(([member]) => member === id));
  const keys = new Map([...alone, ...members]);
  return Promise.all([
    verify(keys, COORDINATOR, audit, coordinator),
    ...institutions.map(({ id, folder: own }, i) => verify(keys, id, path.join(own, 'audit'), nodes[i]!)),
  ]);

  async function verify(
    known: ReadonlyMap<string, Keys>,
    name: string,
    exported: string,
    { root: expected }: { root: string },
  ): Promise<LogFigures> {
    const own = known.get(name);
    if (!own) return { name, size: 0, root: expected, verified: false, anchoredBy: [] };
    const others = [...known].filter(([id]) => id !== name);
    const witnesses = others.map(([id, { witness }]) => witnessKey(consortium, id, fromHex(witness)));
    const file = policyFile(name);
    writeFileSync(file, encodePolicy(logKey(fromHex(own.log)), witnesses));
    const { ok, size, root: found, authenticated, signers } = await assentVerify([exported, '--policy', file]);
    const anchoredBy = others.map(([id]) => id).filter((_, i) => signers.includes(witnesses[i]!.name));
    return { name, size, root: found, verified: ok && authenticated && found === expected, anchoredBy };
  }
}

/** The keys in the admissions of the coordinator's exported log, by member. */
function admittedKeys(audit: string): Map<string, Keys> {
  const keys = new Map<string, Keys>();
  for (const line of readFileSync(path.join(audit, 'entries.jsonl'), 'utf8').split('\n').filter(Boolean)) {
    const { kind, detail } = JSON.parse(line) as { kind: string; detail: { member: string; keys: Keys } };
    if (kind === 'member.admitted') keys.set(detail.member, detail.keys);
  }
  return keys;
}

/** `signers` are names of witnesses whose signatures verify. */
type Verdict = { ok: boolean; size: number; root: string; authenticated: boolean; signers: string[] };
type Said = Omit<Verdict, 'signers'> & { signers: { name: string; type: number }[] };

async function assentVerify(args: readonly string[]): Promise<Verdict> {
  const child = spawn(process.execPath, [path.join(root, 'platform/assent-verify.ts'), ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  await once(child, 'close');
  const {
    ok = false,
    size = 0,
    root: hash = '',
    authenticated = false,
    signers = [],
  } = JSON.parse(out || '{}') as Partial<Said>;
  const witnesses = signers.filter(({ type }) => type === 4).map(({ name }) => name);
  return { ok: ok && child.exitCode === 0, size, root: hash, authenticated, signers: witnesses };
}
