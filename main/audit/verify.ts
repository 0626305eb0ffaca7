// Checks the log of this store from end to end. Bytes first: each record against its hashes, the tree and the checkpoints
// against each other, so that every damaged record is named. Then what the records say, by the verifier that auditors run.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { AssentError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/records/fields.ts';
import { concatBytes, sameBytes } from '../../shared/transparency/bytes.ts';
import type { ExportFiles } from '../../shared/transparency/export-files.ts';
import { emptyFrontier, frontierRoot, growFrontier, type Frontier } from '../../shared/transparency/frontier.ts';
import * as layout from '../../shared/transparency/layout.ts';
import { encodePolicy, trustLog } from '../../shared/transparency/policy.ts';
import { encodeRange, wholeLog } from '../../shared/transparency/range.ts';
import type { SenseSummary } from '../../shared/transparency/sense/walk.ts';
import { SIGNED_IN, signedName } from '../../shared/transparency/signed-in.ts';
import { leafHash } from '../../shared/transparency/tree.ts';
import { encodeVkey, verifierKey, type VerifierKey } from '../../shared/transparency/verifier-key.ts';
import { verifyExport } from '../../shared/transparency/verify.ts';
import { checkSignedCheckpoint } from '../../shared/transparency/verify-head.ts';
import { encodeCanonical, encodeUtf8, fromHex, toHex } from '../../shared/wire/canonical.ts';
import { primitives, sha256 } from '../../platform/crypto.ts';
import type { Journal, Reader } from '../../platform/journal.ts';
import {
  cosignaturesOf,
  cosignedHead,
  currentLog,
  latestAnchor,
  latestCheckpoint,
  ownLogs,
  type CosignedHead,
  type OwnCheckpoint,
  type OwnLog,
} from '../../platform/own-logs.ts';
import { behindText, findConflict } from '../../platform/log-conflict.ts';
import type { Party } from '../../platform/parties.ts';
import { opening, readJson } from './people.ts';
import { KEPT, type Kept } from './rows.ts';

type Fault = 'record' | 'filed' | 'tree' | 'checkpoint' | 'opening' | 'signed' | 'sense';
export type LogFinding = { fault: Fault; position: number | undefined; message: string };
export type VerifyStage = { stage: 'bytes' | 'sense'; records: number; of: number };

export type CheckedLog = {
  records: number;
  /** The latest checkpoint of this log; undefined: nothing of it is signed yet. */
  head: (OwnCheckpoint & CosignedHead) | undefined;
  /** Of the latest checkpoint that somebody has cosigned. */
  anchoredSize: number;
  checkpoints: number;
  cosignatures: number;
  openings: number;
  /** Records of decisions whose signed text was removed when it had been kept long enough: they cannot be judged. */
  removed: number;
  /** Undefined: the bytes are wrong, or nothing is signed yet, and what the records say was not judged to the end. */
  sense: SenseSummary | undefined;
  findings: LogFinding[];
  found: number;
};

type Deps = {
  journal: Pick<Journal<string>, 'read' | 'nodes' | 'size'>;
  /** Of this installation, hex. */
  keys: Keys;
  witnesses: readonly Party[];
};

const PAGE = layout.TILE_WIDTH;
const MOST_FINDINGS = 100;
/** So long one piece of the work may hold up everything else. */
const SLICE_MS = 10;

/** Throws CANCELED by the signal. */
export async function verifyLog(
  { journal, keys, witnesses }: Deps,
  tell: (stage: VerifyStage) => void,
  signal: AbortSignal,
): Promise<CheckedLog> {
  const { read } = journal;
  const size = journal.size();
  const log = currentLog(read, fromHex(keys.log));
  const checkpoint = latestCheckpoint(read, log, size);
  // Before anything is waited for, since the log goes on growing.
  const ends = checkEnd(read, size, log);
  const pause = pauses(signal);
  const bytes = await checkBytes(read, size, ownLogs(read, fromHex(keys.log)), pause, tell);
  if (!mayLackSigned(read))
    for (const position of bytes.withheld)
      bytes.findings.push({
        fault: 'signed',
        position,
        message: 'names what somebody signed, which is missing from the store.',
      });
  const head = checkpoint && { ...checkpoint, ...cosignedHead(read, checkpoint, witnesses) };
  const unreadable = bytes.findings.some(({ fault }) => fault === 'record' || fault === 'signed');
  const said =
    head && !unreadable
      ? await checkSense(filesOf(journal.read, keys, head, bytes.withheld, pause, tell), log.key)
      : { sense: undefined, findings: [] };
  const findings = [...bytes.findings, ...ends, ...said.findings];
  const { checkpoints, cosignatures, openings } = bytes;
  return {
    records: size,
    head,
    checkpoints,
    cosignatures,
    openings,
    removed: bytes.withheld.size,
    anchoredSize: latestAnchor(read, log)?.size ?? 0,
    sense: said.sense,
    findings: findings.slice(0, MOST_FINDINGS),
    found: findings.length,
  };
}

/** That the log does not end too early: this shows in what was signed of it, here or by others. */
function checkEnd(read: Reader, size: number, log: OwnLog): LogFinding[] {
  const messages: string[] = [];
  const { signed } = read.get<{ signed: number | null }>('select max(size) as signed from checkpoint')!;
  if (signed !== null && signed > size)
    messages.push(`The last checkpoint is signed over ${signed} records, and the store holds ${size}.`);
  const conflict = findConflict(read, log.key.name);
  if (conflict) messages.push(behindText(conflict, size));
  return messages.map((message) => ({ fault: 'checkpoint', position: undefined, message }));
}

type Pause = () => Promise<void>;

/** Lets everything else of the program go on, as soon as a slice of time is used up. */
function pauses(signal: AbortSignal): Pause {
  let since = performance.now();
  return async () => {
    if (signal.aborted) throw new AssentError('CANCELED', 'The check was cancelled.');
    if (performance.now() - since < SLICE_MS) return;
    await setImmediate();
    since = performance.now();
  };
}

type Bytes = Pick<CheckedLog, 'checkpoints' | 'cosignatures' | 'openings' | 'findings'> & {
  /** Records that name a signed text that is not here. */
  withheld: Set<number>;
};

/** What people signed is removed when it was kept long enough, and that is on record. */
const mayLackSigned = (read: Reader): boolean =>
  read
    .all<{ bytes: Buffer }>("select bytes from record where kind = 'retention.applied'")
    .some(({ bytes }) => ((readJson(bytes)?.detail as { signed?: number } | undefined)?.signed ?? 0) > 0);

async function checkBytes(
  read: Reader,
  size: number,
  logs: readonly OwnLog[],
  pause: Pause,
  tell: (stage: VerifyStage) => void,
): Promise<Bytes> {
  const done: Bytes = { checkpoints: 0, cosignatures: 0, openings: 0, findings: [], withheld: new Set() };
  const fail = (fault: Fault, position: number | undefined, message: string) =>
    void done.findings.push({ fault, position, message });
  const frontier = emptyFrontier();
  for (let at = 0; at < size; at += PAGE) {
    const end = Math.min(at + PAGE, size);
    tell({ stage: 'bytes', records: at, of: size });
    const rows = read.all<Kept>(
      `select ${KEPT} from record where position >= ? and position < ? order by position`,
      at,
      end,
    );
    const checkpoints = read.all<Noted>(
      'select size, root, note from checkpoint where size > ? and size <= ? order by size',
      at,
      end,
    );
    for (const row of rows) {
      if (row.position !== frontier.size) {
        fail('record', frontier.size, 'is missing from the store.');
        return done;
      }
      const said = checkRecord(read, frontier, row, fail);
      if (said) checkSigned(read, row, said, done);
      if (checkpoints[0]?.size === frontier.size) checkCheckpoint(read, frontier, logs, checkpoints.shift()!, done);
      await pause();
    }
    if (frontier.size < end) {
      fail('record', frontier.size, 'is missing from the store.');
      return done;
    }
    const openings = read.all<{ commitment: string; position: number }>(
      'select commitment, position from opening where position >= ? and position < ?',
      at,
      end,
    );
    for (const { commitment, position } of openings) {
      const found = opening(read, commitment);
      if ('missing' in found && found.missing === 'wrong')
        fail('opening', position, `commits to ${commitment}, which the name or text kept for it does not give.`);
      done.openings++;
    }
  }
  return done;
}

type Fail = (fault: Fault, position: number | undefined, message: string) => void;

type Said = { at?: string; kind?: string; study?: string; round?: number; detail?: unknown };

/** Grows the frontier by what the tree holds, so that one damaged record is one finding. What the record says, if it is sound. */
function checkRecord(read: Reader, frontier: Frontier, row: Kept, fail: Fail): Said | undefined {
  const { position, leaf, bytes } = row;
  const node = (level: number, index: number): Uint8Array | undefined =>
    read.get<{ hash: Buffer }>('select hash from tree where level = ? and place = ?', level, index)?.hash;
  const hash = leafHash(primitives, bytes);
  const held = node(0, position);
  if (!held) fail('tree', position, 'has no leaf hash in the tree.');
  else if (!sameBytes(hash, held)) fail('record', position, 'is not the one whose hash the tree holds.');
  else if (!sameBytes(hash, leaf)) fail('tree', position, 'has another leaf hash beside it than in the tree.');
  for (const { level, index, hash: grown } of growFrontier(primitives, frontier, held ?? hash)) {
    const kept = level === 0 ? grown : node(level, index);
    if (!kept || !sameBytes(kept, grown))
      fail('tree', position, `completes node ${level}/${index} of the tree, which holds another hash.`);
  }
  if (held && !sameBytes(hash, held)) return undefined;
  const said: Said | undefined = readJson(bytes);
  const { at, kind, study = null, round = null } = said ?? {};
  if (at !== row.at || kind !== row.kind || study !== row.study || round !== row.round)
    fail('filed', position, 'is filed under another time, kind, study or round than it says.');
  return said;
}

function checkSigned(read: Reader, { position }: Kept, said: Said, done: Bytes): void {
  const hash = signedName(said);
  if (hash === null) return;
  const bytes = signedText(read, hash);
  if (!bytes) done.withheld.add(position);
  else if (toHex(sha256(bytes)) !== hash)
    done.findings.push({
      fault: 'signed',
      position,
      message: 'names what somebody signed, and the store holds another text.',
    });
}

const signedText = (read: Reader, hash: string): Buffer | undefined =>
  read.get<{ bytes: Buffer }>('select bytes from signed_record where hash = ?', hash)?.bytes;

type Noted = { size: number; root: Buffer; note: Buffer };

function checkCheckpoint(
  read: Reader,
  frontier: Frontier,
  logs: readonly OwnLog[],
  { size, root, note }: Noted,
  done: Bytes,
): void {
  const where = `checkpoint over ${size} records`;
  const fail = (message: string) => void done.findings.push({ fault: 'checkpoint', position: undefined, message });
  const log = logs.find(({ since, until }) => size > since && size <= (until ?? size))!;
  const cosignatures = cosignaturesOf(read, size);
  const witnesses = cosignatures.map(({ witness, key }) => verifierKey(primitives, witness, 4, key));
  const signed = Buffer.concat([note, ...cosignatures.map(({ line }) => Buffer.from(line, 'utf8'))]);
  done.checkpoints++;
  done.cosignatures += cosignatures.length;
  try {
    const keys = { log: log.key, all: [log.key, ...witnesses] };
    const { checkpoint } = checkSignedCheckpoint(primitives, where, signed, keys);
    const grown = frontierRoot(primitives, frontier);
    if (checkpoint.size !== size || !sameBytes(checkpoint.root, grown) || !sameBytes(root, grown))
      fail(`${where} has another root than these records give: the log was rewritten, or the checkpoint was changed.`);
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    fail(error.message);
  }
}

async function checkSense(
  files: ExportFiles,
  log: VerifierKey,
): Promise<{ sense: SenseSummary | undefined; findings: LogFinding[] }> {
  const result = await verifyExport(primitives, files, trustLog(log));
  if (result.ok) return { sense: result.evidence?.sense, findings: [] };
  const { sense, where, index, message } = result;
  const findings = sense?.findings.map((finding): LogFinding => {
    return { fault: 'sense', position: finding.index, message: finding.message };
  });
  const first: LogFinding = { fault: faultAt(where), position: index ?? undefined, message: `${where}: ${message}` };
  return { sense, findings: findings ?? [first] };
}

const faultAt = (where: string): Fault =>
  where.startsWith('record ') ? 'record' : where.startsWith(layout.SIGNED_FILE) ? 'signed' : 'checkpoint';

/** Between two pauses the verifier judges so many records. */
const LINES = 32;
const LINE_FEED = encodeUtf8('\n');

/** The log of the store as the files of an evidence package, made as they are read. Withheld records are empty lines. */
function filesOf(
  read: Reader,
  keys: Keys,
  { size, note, witnesses, asked }: OwnCheckpoint & CosignedHead,
  withheld: ReadonlySet<number>,
  pause: Pause,
  tell: (stage: VerifyStage) => void,
): ExportFiles {
  const log = currentLog(read, fromHex(keys.log)).key;
  const hidden = [...withheld].filter((position) => position < size).length;
  const small = new Map<string, Uint8Array>([
    [layout.LOG_KEY_FILE, encodeUtf8(`${encodeVkey(log)}\n`)],
    [layout.KEYS_FILE, encodeCanonical(keys)],
    [layout.POLICY_FILE, encodePolicy(log, asked)],
    [layout.CHECKPOINT_FILE, note],
    [layout.RANGE_FILE, encodeRange({ ...wholeLog(size), withheld: hidden })],
  ]);
  if (witnesses.length > 0)
    small.set(layout.WITNESS_KEYS_FILE, encodeUtf8(witnesses.map((key) => `${encodeVkey(key)}\n`).join('')));
  const tiles = new Map<string, number>();
  for (let tile = 0; tile * PAGE < size; tile++) tiles.set(layout.tilePath(tile, layout.tileWidth(tile, size)), tile);

  const page = <T>(columns: string, at: number, records: number): T[] =>
    read.all<T>(
      `select ${columns} from record where position >= ? and position < ? order by position`,
      at,
      Math.min(at + records, size),
    );
  async function* entries(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += LINES) {
      await pause();
      tell({ stage: 'sense', records: at, of: size });
      const rows = page<Pick<Kept, 'position' | 'bytes'>>('position, bytes', at, LINES);
      yield concatBytes(
        ...rows.flatMap(({ position, bytes }) => (withheld.has(position) ? [LINE_FEED] : [bytes, LINE_FEED])),
      );
    }
  }
  /** Each text where a record first names it. */
  async function* signed(): AsyncGenerator<Uint8Array> {
    const named = new Set<string>();
    for (let at = 0; at < size; at += PAGE) {
      await pause();
      for (const { kind, bytes } of page<Pick<Kept, 'kind' | 'bytes'>>('kind, bytes', at, PAGE)) {
        const hash = Object.hasOwn(SIGNED_IN, kind) ? signedName(readJson(bytes) ?? {}) : null;
        const text = hash === null || named.has(hash) ? undefined : signedText(read, hash);
        if (!text) continue;
        named.add(hash!);
        yield concatBytes(text, LINE_FEED);
      }
    }
  }
  return {
    list: () =>
      Promise.resolve([
        ...[...small].map(([path, bytes]) => ({ path, size: bytes.length })),
        ...[...tiles].map(([path, tile]) => ({ path, size: layout.tileBytes(layout.tileWidth(tile, size)) })),
        ...[layout.ENTRIES_FILE, layout.SIGNED_FILE].map((path) => ({ path, size: 0 })),
      ]),
    read(path) {
      const tile = tiles.get(path);
      if (tile === undefined) return Promise.resolve(small.get(path)!);
      return Promise.resolve(concatBytes(...page<{ leaf: Buffer }>('leaf', tile * PAGE, PAGE).map(({ leaf }) => leaf)));
    },
    stream: (path) => (path === layout.SIGNED_FILE ? signed() : entries()),
  };
}
