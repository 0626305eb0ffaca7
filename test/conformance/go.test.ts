// Go's own packages read what this project writes, and this project reads what they write: golang.org/x/mod/sumdb and
// github.com/transparency-dev/formats, in the module beside this file.
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signEd25519 } from '../../platform/crypto.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { cosign } from '../../shared/transparency/cosignature.ts';
import { parseNote, verifyNote } from '../../shared/transparency/note.ts';
import { encodePolicy, parsePolicy, policyAccepts, trustLog } from '../../shared/transparency/policy.ts';
import { encodeProof, parseProof, verifyProof } from '../../shared/transparency/proof.ts';
import { consistencyProof, inclusionProof } from '../../shared/transparency/tree.ts';
import { verifyConsistency } from '../../shared/transparency/tree-proofs.ts';
import { encodeVkey, parseVkey } from '../../shared/transparency/verifier-key.ts';
import { encodeAddCheckpoint, judgeCheckpoint, parseAddCheckpoint } from '../../shared/transparency/witness.ts';
import { decodeUtf8, encodeUtf8 } from '../../shared/wire/canonical.ts';
import { checkpointOf, logKey, ORIGIN, primitives, records, seed, treeOfRecords, witness } from '../support/exported-log.ts';

type Job = Record<string, unknown> & { kind: string };
type Answer = {
  error?: string;
  origin?: string;
  size: number;
  root?: string;
  signers?: { name: string; time: number }[];
  note?: string;
  file?: string;
  proof?: string[];
  vkeys?: string[];
  met: boolean;
};

const module = fileURLToPath(new URL('go/', import.meta.url));
const run = (command: string, args: readonly string[], input = '') =>
  spawnSync(command, args, { cwd: module, input, encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, GOFLAGS: '-mod=readonly' } });
// As seen from the module: a newer Go that fetches the version asked for counts.
const version = /^go1\.(\d+)/.exec(run('go', ['env', 'GOVERSION']).stdout ?? '')?.[1];
const missing = Number(version ?? 0) < 25 ? 'needs Go 1.25 or newer, which .ci/run installs' : undefined;
const folder = mkdtempSync(join(tmpdir(), 'assent-go-'));
const program = join(folder, 'conformance');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  if (missing) return;
  const built = run('go', ['build', '-o', program, '.']);
  if (built.status !== 0) throw new Error(`The Go module does not build: ${built.stderr}`);
}, 300_000);

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64'));

function ask(jobs: readonly Job[]): Answer[] {
  const { status, stdout, stderr } = run(program, [], JSON.stringify(jobs));
  if (status !== 0) throw new Error(`The Go program failed: ${stderr}`);
  return JSON.parse(stdout) as Answer[];
}

const LONG = { timeout: 120_000 };

const MOST = 300;
const all = records(MOST);
const tree = treeOfRecords(all);
const keyOf = (byte: number) => ({ key: witness(byte), sign: (message: Uint8Array) => signEd25519(seed(byte), message) });
/** A checkpoint of ours at this size, cosigned by the witnesses of these seeds. */
function cosigned(size: number, cosigners: readonly [byte: number, time: number][]): Uint8Array {
  const checkpoint = parseCheckpoint(checkpointOf(size, tree.root(size)));
  const lines = cosigners.map(([byte, time]) => cosign(keyOf(byte), checkpoint, time));
  return encodeUtf8(decodeUtf8(checkpointOf(size, tree.root(size))) + lines.join(''));
}

const time = fc.integer({ min: 0, max: 2 ** 40 });
const cosigners = fc.uniqueArray(fc.tuple(fc.integer({ min: 2, max: 9 }), time), {
  maxLength: 6,
  selector: ([byte]) => byte,
});
const size = fc.integer({ min: 1, max: MOST });
const sizeAndIndex = size.chain((n) => fc.tuple(fc.constant(n), fc.nat({ max: n - 1 })));
const twoSizes = size.chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)));
const flip = (bytes: Uint8Array, bit: number) => Uint8Array.from(bytes, (b, at) => (at === bit >> 3 ? b ^ (1 << (bit & 7)) : b));

describe('what this project writes', () => {
  test('checkpoints and their cosignatures (0x04) verify with Go, with the times that the witnesses gave', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(fc.tuple(fc.nat({ max: MOST }), cosigners), { numRuns: 200, seed: 1 });
    const answers = ask(
      cases.map(([n, by]) => ({
        kind: 'checkpoint',
        note: b64(cosigned(n, by)),
        log: encodeVkey(logKey),
        witnesses: by.map(([byte]) => encodeVkey(witness(byte))),
      })),
    );
    expect(answers).toEqual(
      cases.map(([n, by]) => ({
        origin: ORIGIN,
        size: n,
        root: b64(tree.root(n)),
        signers: [
          { name: ORIGIN, time: 0 },
          ...by.map(([byte, at]) => ({ name: witness(byte).name, time: at })),
        ],
        met: false,
      })),
    );
  });

  test('a checkpoint with one bit changed is refused by Go as it is here, where only DEL and unused bits of base64 are refused besides', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const note = cosigned(137, [[7, 1_800_000_000]]);
    const keys = [logKey, witness(7)];
    const cases = Array.from({ length: note.length * 8 }, (_, bit) => flip(note, bit));
    const answers = ask(
      cases.map((changed) => ({
        kind: 'checkpoint',
        note: b64(changed),
        log: encodeVkey(logKey),
        witnesses: [encodeVkey(witness(7))],
      })),
    );
    /** What a lenient reader takes from the base64 of the signature lines. */
    const meaning = (bytes: Uint8Array) =>
      decodeUtf8(bytes)
        .split('\n')
        .map((line) => (line.startsWith('\u2014') ? line.replace(/[^ ]*$/, (text) => b64(bytesOf(text))) : line));
    const differing: number[] = [];
    for (const [at, changed] of cases.entries()) {
      const theirs = (answers[at]!.signers ?? []).map(({ name }) => name);
      let ours: string[] = [];
      try {
        ours = verifyNote(primitives, parseCheckpoint(changed).note, keys).signers.map(({ name }) => name);
      } catch {
        // refused
      }
      // Without the log's own line it is nobody's checkpoint.
      if (!ours.includes(ORIGIN)) ours = [];
      if (ours.join() !== theirs.join()) differing.push(at);
    }
    const besides = differing.filter((at) => !decodeUtf8(cases[at]!).includes('\u007f'));
    expect(differing.length).toBeLessThan(cases.length / 100);
    for (const at of besides) {
      expect(answers[at]!.signers).toHaveLength(2);
      expect(meaning(cases[at]!)).toEqual(meaning(note));
    }
  });

  test('inclusion proofs verify with Go, and not for another index', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(sizeAndIndex, { numRuns: 300, seed: 2 });
    const jobs = cases.flatMap(([n, index]) => {
      const proof = inclusionProof(primitives, tree.read, index, n).map(b64);
      const job = { kind: 'inclusion', records: [b64(all[index]!)], index, new: n, newRoot: b64(tree.root(n)), proof };
      return [job, { ...job, index: (index + 1) % n }];
    });
    const answers = ask(jobs);
    for (const [at, [n]] of cases.entries()) {
      expect(answers[2 * at]!.error).toBeUndefined();
      if (n > 1) expect(answers[2 * at + 1]!.error).toBeDefined();
    }
  });

  test('consistency proofs verify with Go, and are the ones that Go makes, hash by hash', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(twoSizes, { numRuns: 200, seed: 3 });
    const theirs = ask(
      cases.map(([old, n]) => ({ kind: 'write proofs', records: all.slice(0, n).map(b64), old, new: n })),
    );
    const checked = ask(
      cases.map(([old, n]) => ({
        kind: 'consistency',
        old,
        new: n,
        oldRoot: b64(tree.root(old)),
        newRoot: b64(tree.root(n)),
        proof: consistencyProof(primitives, tree.read, old, n).map(b64),
      })),
    );
    for (const [at, [old, n]] of cases.entries()) {
      expect(checked[at]!.error).toBeUndefined();
      expect(theirs[at]!.root).toBe(b64(tree.root(n)));
      expect(theirs[at]!.proof ?? []).toEqual(consistencyProof(primitives, tree.read, old, n).map(b64));
    }
  });

  test('proof files (tlog-proof) are read by Go, prove their record, and are written the same again', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(fc.tuple(sizeAndIndex, fc.option(fc.uint8Array({ maxLength: 40 }))), { numRuns: 200, seed: 4 });
    const answers = ask(
      cases.map(([[n, index], extra]) => ({
        kind: 'proof',
        records: [b64(all[index]!)],
        log: encodeVkey(logKey),
        witnesses: [encodeVkey(witness(7))],
        file: b64(
          encodeProof({
            index,
            hashes: inclusionProof(primitives, tree.read, index, n),
            checkpoint: cosigned(n, [[7, 1_800_000_000]]),
            extra,
          }),
        ),
      })),
    );
    for (const [at, [[n]]] of cases.entries()) expect(answers[at]).toMatchObject({ size: n, root: b64(tree.root(n)) });
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('the trust policy of an export is met in Go by the checkpoints that meet it here', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(fc.tuple(cosigners, fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { minLength: 1 })), {
      numRuns: 200,
      seed: 5,
    });
    const answers = ask(
      cases.map(([by, asked]) => ({
        kind: 'policy',
        note: b64(cosigned(37, by)),
        // The package wants to know where a witness is reached; the format does not.
        policy: decodeUtf8(encodePolicy(logKey, asked.map(witness))).replaceAll(/^(witness .*)$/gm, '$1 https://w.example/'),
      })),
    );
    for (const [at, [by, asked]] of cases.entries()) {
      const policy = parsePolicy(primitives, encodePolicy(logKey, asked.map(witness)));
      const { signers } = verifyNote(primitives, parseNote(cosigned(37, by)), [...policy.logs, ...policy.witnesses]);
      expect(answers[at]).toMatchObject({ met: policyAccepts(policy, ORIGIN, signers) });
    }
    expect(new Set(answers.map(({ met }) => met))).toEqual(new Set([true, false]));
  });
});

describe('what Go writes', () => {
  const witnessNames = ['witness.example/one', 'witness.example/two'];
  const written = (cases: readonly [number, number][]) =>
    ask(
      cases.map(([n, index]) => ({
        kind: 'write',
        origin: ORIGIN,
        records: all.slice(0, n).map(b64),
        index,
        logSeed: b64(seed(1)),
        witnessNames,
        witnessSeeds: [b64(seed(2)), b64(seed(3))],
      })),
    );

  test('checkpoints and cosignatures verify here, over the same root', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(sizeAndIndex, { numRuns: 60, seed: 6 });
    for (const [at, answer] of written(cases).entries()) {
      const [n] = cases[at]!;
      expect(answer.error).toBeUndefined();
      const checkpoint = parseCheckpoint(bytesOf(answer.note));
      expect([checkpoint.origin, checkpoint.size, b64(checkpoint.root)]).toEqual([ORIGIN, n, b64(tree.root(n))]);
      const keys = answer.vkeys!.map((vkey) => parseVkey(primitives, vkey));
      expect(encodeVkey(keys[0]!)).toBe(encodeVkey(logKey));
      const { signers, unknown } = verifyNote(primitives, checkpoint.note, keys);
      expect(unknown).toEqual([]);
      expect(signers.map(({ name, type }) => [name, type])).toEqual([
        [ORIGIN, 1],
        ...witnessNames.map((name) => [name, 4]),
      ]);
      for (const { type, time: seconds } of signers)
        if (type === 4) expect(Math.abs(seconds! - Date.now() / 1000)).toBeLessThan(3600);
    }
  });

  test('an empty log has a checkpoint that verifies here', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const [answer] = written([[0, 0]]);
    expect(parseCheckpoint(bytesOf(answer!.note))).toMatchObject({ size: 0, root: tree.root(0) });
  });

  test('proof files prove their record here, and no other', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(sizeAndIndex, { numRuns: 60, seed: 7 });
    for (const [at, answer] of written(cases).entries()) {
      const [n, index] = cases[at]!;
      const file = bytesOf(answer.file);
      expect(verifyProof(primitives, file, all[index]!, trustLog(logKey))).toMatchObject({ ok: true, index });
      expect(encodeProof(parseProof(file))).toEqual(file);
      if (n > 1) expect(verifyProof(primitives, file, all[(index + 1) % n]!, trustLog(logKey)).ok).toBe(false);
    }
  });

  test('consistency proofs make a witness here cosign what Go has signed', LONG, ({ skip }) => {
    if (missing) skip(missing);
    const cases = fc.sample(twoSizes, { numRuns: 60, seed: 8 });
    const notes = written(cases.map(([, n]) => [n, 0]));
    const proofs = ask(
      cases.map(([old, n]) => ({ kind: 'write proofs', records: all.slice(0, n).map(b64), old, new: n })),
    );
    for (const [at, [old, n]] of cases.entries()) {
      const proof = (proofs[at]!.proof ?? []).map(bytesOf);
      const claim = { oldSize: old, oldRoot: tree.root(old), newSize: n, newRoot: tree.root(n), proof };
      expect(verifyConsistency(primitives, claim)).toBe(true);
      const request = encodeAddCheckpoint({ oldSize: old, proof, checkpoint: bytesOf(notes[at]!.note) });
      expect(parseAddCheckpoint(request).proof).toEqual(proof);
      const last = { size: old, root: tree.root(old) };
      expect(judgeCheckpoint(primitives, request, () => ({ key: logKey, last }))).toMatchObject({ status: 200 });
    }
  });
});
