// assent-verify: checks an exported audit log offline. All it runs is this file, shared/transparency, shared/wire/canonical.ts,
// shared/errors.ts and platform/crypto.ts, so that an auditor can read the whole of it.

import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { MAX_RECEIPT_BYTES, type ReceiptResult, verifyReceiptFile } from '../shared/transparency/receipt-file.ts';
import type { ExportFiles } from '../shared/transparency/export-files.ts';
import type { Signer } from '../shared/transparency/note.ts';
import { parsePolicy, trustLog, type TrustPolicy } from '../shared/transparency/policy.ts';
import { type ExportResult, verifyExport } from '../shared/transparency/verify.ts';
import { parseVkey, parseVkeyFile } from '../shared/transparency/verifier-key.ts';
import { primitives, selfTest } from './crypto.ts';

const USAGE = `usage: assent-verify <export folder or receipt file> [--key VKEY-OR-FILE | --policy FILE] [--json]

Checks every byte of an exported audit log: its records, leaf hashes, checkpoint, proofs and signatures. Of a receipt it checks
that the coordinator's log counts the update and names the outcome; the key is then that of the coordinator's log.
  --key     the log's key, as text (name+id+base64) or as a file, from somewhere you trust, not from the export
  --policy  a trust policy: logs, witnesses, and how many witnesses must have signed (c2sp.org/tlog-policy)
  --json    one JSON object instead of words
Ends with 0 when it is sound, 1 when it is not, 2 when it was called wrongly.
`;

/** The files of a folder, read lazily and in bounded pieces. */
export function exportFolder(folder: string): ExportFiles {
  const at = (path: string) => join(folder, ...path.split('/'));
  return {
    async list() {
      const found = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => !entry.isDirectory());
      const listed: { path: string; size: number }[] = [];
      for (const entry of files) {
        const full = join(entry.parentPath, entry.name);
        const path = relative(folder, full).split(sep).join('/');
        listed.push({ path, size: entry.isFile() ? (await stat(full)).size : -1 });
      }
      return listed;
    },
    read: (path) => readFile(at(path)),
    stream: (path) => createReadStream(at(path), { highWaterMark: 256 * 1024 }),
  };
}

const OPENING_BRACE = 0x7b;

type Options = { folder: string; key: string | null; policy: string | null; json: boolean };

function readOptions(args: readonly string[]): Options | null {
  const options = { folder: '', key: null as string | null, policy: null as string | null, json: false };
  const left = [...args];
  while (left.length > 0) {
    const word = left.shift()!;
    if (word === '--json') options.json = true;
    else if ((word === '--key' || word === '--policy') && left.length > 0) {
      const name = word === '--key' ? 'key' : 'policy';
      if (options[name] !== null) return null;
      options[name] = left.shift()!;
    } else if (!word.startsWith('-') && options.folder === '') options.folder = word;
    else return null;
  }
  return options.folder === '' || (options.key !== null && options.policy !== null) ? null : options;
}

async function readTrust({ key, policy }: Options): Promise<TrustPolicy | null> {
  if (policy !== null) return parsePolicy(primitives, await readFile(policy));
  if (key === null) return null;
  const isText = /^[^+]+\+[0-9a-f]{8}\+/.test(key);
  return trustLog(isText ? parseVkey(primitives, key) : parseVkeyFile(primitives, await readFile(key)));
}

const describe = ({ name, time }: Signer) =>
  time === null ? name : `${name} at ${new Date(time * 1000).toISOString().replace('.000', '')}`;

function inWords(result: ExportResult): string {
  if (!result.ok) return `FAILED: ${result.where} ${result.message}`;
  const { size, root, origin, authenticated, signers } = result;
  const content = `${size} ${size === 1 ? 'record' : 'records'} of ${origin}, root ${root}`;
  return authenticated
    ? `OK: ${content}, signed by ${signers.map(describe).join(', ')}`
    : `OK: ${content}: consistent, signer not authenticated (give --key or --policy)`;
}

function receiptInWords(result: ReceiptResult): string {
  if (!result.ok) return `FAILED: ${result.message}`;
  const { member, round, study, weight, statement, index, outcomeIndex, size, origin, root, signers } = result;
  const content = `record ${index} of ${origin} counts update ${statement} of ${member} in round ${round} of ${study} with weight ${weight}, and record ${outcomeIndex} its aggregate ${result.aggregate}; ${size} records, root ${root}`;
  return result.authenticated
    ? `OK: ${content}, signed by ${signers.map(describe).join(', ')}`
    : `OK: ${content}: consistent, signer not authenticated (give --key or --policy)`;
}

/** The bytes of a file that may be a receipt, as far as a receipt goes; undefined for a folder and for any other file. */
async function receiptBytes(path: string): Promise<Uint8Array | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path);
  try {
    const bytes = new Uint8Array(MAX_RECEIPT_BYTES + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes[0] === OPENING_BRACE ? bytes.subarray(0, bytesRead) : undefined;
  } finally {
    await file.close();
  }
}

/** The whole program but the process: returns the exit code and what to print. */
export async function verifyCommand(args: readonly string[]): Promise<{ code: 0 | 1 | 2; out: string; err: string }> {
  if (args.includes('--help') || args.includes('-h')) return { code: 0, out: USAGE, err: '' };
  const options = readOptions(args);
  if (options === null) return { code: 2, out: '', err: USAGE };
  let trust: TrustPolicy | null;
  let receipt: Uint8Array | undefined;
  try {
    trust = await readTrust(options);
    receipt = await receiptBytes(options.folder);
    if (receipt === undefined && !(await stat(options.folder)).isDirectory())
      throw new Error(`${options.folder} is not a folder, and no receipt`);
  } catch (error) {
    return { code: 2, out: '', err: `assent-verify: ${error instanceof Error ? error.message : String(error)}\n` };
  }
  selfTest();
  if (receipt !== undefined) {
    const result = verifyReceiptFile(primitives, receipt, trust);
    return {
      code: result.ok ? 0 : 1,
      out: `${options.json ? JSON.stringify(result) : receiptInWords(result)}\n`,
      err: '',
    };
  }
  const result = await verifyExport(primitives, exportFolder(options.folder), trust).catch(
    (error: unknown): ExportResult => {
      const problem = error instanceof Error ? error.message : String(error);
      return { ok: false, where: options.folder, index: null, message: `cannot be read: ${problem}` };
    },
  );
  return { code: result.ok ? 0 : 1, out: `${options.json ? JSON.stringify(result) : inWords(result)}\n`, err: '' };
}

if (import.meta.main) {
  const { code, out, err } = await verifyCommand(process.argv.slice(2));
  process.stdout.write(out);
  process.stderr.write(err);
  process.exitCode = code;
}
