// Exports all audit logs and has assent-verify check them, as an outside auditor would.
//
// Trust begins with the coordinator's log key, which every invitation pins. The coordinator's log, once verified, names the
// keys of the members that it admitted; under those the members' logs are verified.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { logKey } from '../../platform/log-origin.ts';
import { encodeVkey } from '../../shared/transparency/verifier-key.ts';
import { fromHex } from '../../shared/wire/canonical.ts';
import type { Consortium } from './consortium.ts';
import { root } from './programs.ts';
import type { LogFigures } from './summary.ts';

export type KeyFile = (name: string) => string;

/** Exports into `audit` of every folder; keys go into `keys` of the demo's folder. */
export async function exportAndVerify(
  { admin, folder, institutions }: Consortium,
  coordinatorLog: string,
  keyFile: KeyFile,
): Promise<LogFigures[]> {
  mkdirSync(path.dirname(keyFile('coordinator')), { recursive: true });
  const audit = path.join(folder, 'audit');
  const [coordinator, ...nodes] = await Promise.all([
    admin.exportLog({ folder: audit }),
    ...institutions.map(({ folder: own, calls }) => exportFolder(calls, path.join(own, 'audit'))),
  ]);
  const first = await verify('coordinator', audit, coordinatorLog, coordinator.root);
  const keys = first.verified ? admittedKeys(audit) : new Map<string, string>();
  const others = await Promise.all(
    institutions.map(({ id, folder: own }, i) => verify(id, path.join(own, 'audit'), keys.get(id), nodes[i]!.root)),
  );
  return [first, ...others];

  async function verify(
    name: string,
    exported: string,
    key: string | undefined,
    expected: string,
  ): Promise<LogFigures> {
    if (key === undefined) return { name, size: 0, root: expected, verified: false };
    const file = keyFile(name);
    writeFileSync(file, `${encodeVkey(logKey(fromHex(key)))}\n`);
    const { ok, size, root: found, authenticated } = await assentVerify([exported, '--key', file]);
    return { name, size, root: found, verified: ok && authenticated && found === expected };
  }
}

/** The log keys in the admissions of the coordinator's exported log, by member. */
function admittedKeys(audit: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const line of readFileSync(path.join(audit, 'entries.jsonl'), 'utf8').split('\n').filter(Boolean)) {
    const { kind, detail } = JSON.parse(line) as { kind: string; detail: { member: string; keys: { log: string } } };
    if (kind === 'member.admitted') keys.set(detail.member, detail.keys.log);
  }
  return keys;
}

type Verdict = { ok: boolean; size: number; root: string; authenticated: boolean };

async function assentVerify(args: readonly string[]): Promise<Verdict> {
  const child = spawn(process.execPath, [path.join(root, 'platform/assent-verify.ts'), ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  await once(child, 'close');
  const { ok = false, size = 0, root: hash = '', authenticated = false } = JSON.parse(out || '{}') as Partial<Verdict>;
  return { ok: ok && child.exitCode === 0, size, root: hash, authenticated };
}
