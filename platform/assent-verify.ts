// assent-verify: checks an exported audit log, an evidence package or a receipt offline. All it runs is this file, shared/transparency,
// shared/wire/canonical.ts, shared/records/fingerprint.ts, shared/errors.ts and platform/crypto.ts, so that an auditor can read
// the whole of it. Nothing newer than Node 20 is used here: verify.mjs is this program in one file, for whatever Node there is.

import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { MAX_RECEIPT_BYTES, verifyReceiptFile } from '../shared/transparency/receipt-file.ts';
import type { ExportFiles } from '../shared/transparency/export-files.ts';
import { parsePolicy, trustLog, type TrustPolicy } from '../shared/transparency/policy.ts';
import { receiptInWords, reportInWords } from '../shared/transparency/report.ts';
import { lineInWords, type RoundLine } from '../shared/transparency/sense/lines.ts';
import { type ExportResult, verifyExport } from '../shared/transparency/verify.ts';
import { parseVkey, parseVkeyFile } from '../shared/transparency/verifier-key.ts';
import { type ByteSource, zipFiles } from '../shared/transparency/zip-read.ts';
import { primitives, selfTest } from './crypto.ts';

const USAGE = `usage: assent-verify <folder, evidence zip or receipt file> [--key VKEY-OR-FILE | --policy FILE] [--fingerprint DIGITS]
                     [--json]

Checks every byte of an exported audit log: its records, leaf hashes, checkpoint, proofs and signatures. Of an evidence package
also the sense: who was entitled, and that enough people approved exactly what left, before it left. One line a round. Of a receipt:
that the coordinator's log counts the update and names the outcome; the key is then that of the coordinator's log.
  --key          the log's key, as text (name+id+base64) or as a file, from somewhere you trust, not from the package
  --policy       a trust policy: logs, witnesses, and how many witnesses must have signed (c2sp.org/tlog-policy)
  --fingerprint  of the institution or coordinator, as read aloud: eight groups of five digits. May be given more than once
  --json         one JSON object instead of words
Ends with 0 when all is sound, 1 when something is not, 2 when it was called wrongly, 3 when nothing is wrong in what is shown
but something cannot be judged, because it is not.
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

/** A file by positions. */
function fileSource(file: FileHandle, size: number): ByteSource {
  return {
    size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error('the file became shorter while it was read');
        at += bytesRead;
      }
      return bytes;
    },
  };
}

/** A receipt is read as far as a receipt goes. */
type Opened = { receipt: Uint8Array } | { files: ExportFiles; close(): Promise<void> };
const OPENING_BRACE = 0x7b;

/** Throws when the path is neither a folder nor a zip nor a receipt. */
async function openPackage(path: string): Promise<Opened> {
  const about = await stat(path);
  if (about.isDirectory()) return { files: exportFolder(path), close: () => Promise.resolve() };
  const file = await open(path);
  const source = fileSource(file, about.size);
  const start = await source.read(0, Math.min(4, about.size));
  if (start[0] === OPENING_BRACE) {
    const receipt = await source.read(0, Math.min(MAX_RECEIPT_BYTES + 1, about.size));
    await file.close();
    return { receipt };
  }
  if (String.fromCharCode(...start.subarray(0, 2)) === 'PK')
    return { files: zipFiles(source), close: () => file.close() };
  await file.close();
  throw new Error(`${path} is not a folder, no zip and no receipt`);
}

type Options = { path: string; key: string | null; policy: string | null; fingerprints: string[]; json: boolean };

function readOptions(args: readonly string[]): Options | null {
  const options: Options = { path: '', key: null, policy: null, fingerprints: [], json: false };
  const left = [...args];
  while (left.length > 0) {
    const word = left.shift()!;
    if (word === '--json') options.json = true;
    else if (word === '--fingerprint' && left.length > 0) options.fingerprints.push(left.shift()!);
    else if ((word === '--key' || word === '--policy') && left.length > 0) {
      const name = word === '--key' ? 'key' : 'policy';
      if (options[name] !== null) return null;
      options[name] = left.shift()!;
    } else if (!word.startsWith('-') && options.path === '') options.path = word;
    else return null;
  }
  return options.path === '' || (options.key !== null && options.policy !== null) ? null : options;
}

async function readTrust({ key, policy }: Options): Promise<TrustPolicy | null> {
  if (policy !== null) return parsePolicy(primitives, await readFile(policy));
  if (key === null) return null;
  const isText = /^[^+]+\+[0-9a-f]{8}\+/.test(key);
  return trustLog(isText ? parseVkey(primitives, key) : parseVkeyFile(primitives, await readFile(key)));
}

export type Answer = { code: 0 | 1 | 2 | 3; out: string; err: string };

/** The whole program but the process: returns the exit code and what to print. `say` prints lines of rounds meanwhile. */
export async function verifyCommand(args: readonly string[], say?: (line: string) => void): Promise<Answer> {
  if (args.includes('--help') || args.includes('-h')) return { code: 0, out: USAGE, err: '' };
  const options = readOptions(args);
  if (options === null) return { code: 2, out: '', err: USAGE };
  let trust: TrustPolicy | null;
  let opened: Opened;
  try {
    trust = await readTrust(options);
    opened = await openPackage(options.path);
  } catch (error) {
    return { code: 2, out: '', err: `assent-verify: ${error instanceof Error ? error.message : String(error)}\n` };
  }
  selfTest();
  if ('receipt' in opened) {
    const result = verifyReceiptFile(primitives, opened.receipt, trust);
    const out = `${options.json ? JSON.stringify(result) : receiptInWords(result)}\n`;
    return { code: result.ok ? 0 : 1, out, err: '' };
  }
  const rounds: RoundLine[] = [];
  let lines = '';
  const hear = (line: RoundLine) => {
    if (options.json) rounds.push(line);
    else if (say) say(lineInWords(line));
    else lines += `${lineInWords(line)}\n`;
  };
  const { fingerprints } = options;
  const result = await verifyExport(primitives, opened.files, trust, { fingerprints, say: hear }).catch(
    (error: unknown): ExportResult => {
      const problem = error instanceof Error ? error.message : String(error);
      return { ok: false, where: options.path, index: null, message: `cannot be read: ${problem}` };
    },
  );
  await opened.close();
  const unseen = result.ok && result.evidence?.sense.verdict === 'not-shown';
  const withRounds = (result.ok ? result.evidence : result.sense) === undefined ? result : { ...result, rounds };
  const said = options.json ? `${JSON.stringify(withRounds)}\n` : `${lines}${reportInWords(result)}`;
  return { code: !result.ok ? 1 : unseen ? 3 : 0, out: said, err: '' };
}

if (import.meta.main) {
  const { code, out, err } = await verifyCommand(
    process.argv.slice(2),
    (line) => void process.stdout.write(`${line}\n`),
  );
  process.stdout.write(out);
  process.stderr.write(err);
  process.exitCode = code;
}
