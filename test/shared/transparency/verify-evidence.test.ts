// Evidence that was changed, cut or filtered: each ends as an auditor must see it.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ed25519PublicKey } from '../../../platform/crypto.ts';
import { fingerprint } from '../../../shared/records/fingerprint.ts';
import { parsePolicy, trustLog } from '../../../shared/transparency/policy.ts';
import { lineInWords } from '../../../shared/transparency/sense/lines.ts';
import { encodeVkey, verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeUtf8, encodeCanonical, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { exportedZip, judge, unzipped, writtenLog, zipped } from '../../support/evidence.ts';
import { cosign, type Files, primitives, witness } from '../../support/exported-log.ts';
import {
  actor,
  ada,
  ann,
  bob,
  COORDINATOR_KEYS,
  keyOf,
  OWN_KEYS,
  OWN_LOG_KEY,
  type NodeLog,
} from '../../support/node-log.ts';

const lines = (files: Files, path: string) => decodeUtf8(files.get(path)!).split('\n').slice(0, -1);
const joined = (all: readonly string[]) => encodeUtf8(all.map((line) => `${line}\n`).join(''));

/** One log with a round by people and one by a policy, with names; read once, for many small changes. */
let sound: Files = new Map();
const copy = (): Files => new Map([...sound].map(([path, bytes]) => [path, Uint8Array.from(bytes)]));
const expectBad = async (files: Files, where: string | RegExp, words = '') => {
  const { result } = await judge(zipped(files));
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining(words) as string });
  if (!result.ok) expect(result.where).toMatch(where);
};

const story = (log: NodeLog) => {
  log.founded();
  log.round(keyOf(1));
  const policy = log.policy('small', [ann, bob]);
  log.automaticRound(keyOf(2), policy);
};

beforeEach(async () => {
  if (sound.size > 0) return;
  const written = writtenLog();
  story(written.log);
  sound = await unzipped((await exportedZip(written, { names: true })).zip);
});

test('sound evidence verifies, with a line for each round', async () => {
  const { result, rounds } = await judge(zipped(sound));
  expect(result).toMatchObject({ ok: true, authenticated: false, evidence: { sense: { verdict: 'ok' }, withheld: 0 } });
  expect(rounds.map(({ round, verdict }) => [round, verdict])).toEqual([
    [1, 'ok'],
    [2, 'ok'],
  ]);
});

describe('one bit changed', () => {
  const vouched = () => [...sound].filter(([path]) => !/^(README|verify)/.test(path));

  test('in any file that the log vouches for is found, whatever the checksum of the zip says', async () => {
    const place = fc.oneof(
      ...vouched().map(([path, bytes]) => fc.tuple(fc.constant(path), fc.nat({ max: bytes.length - 1 }))),
    );
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 7 }), async ([path, at], bit) => {
        const files = copy();
        files.get(path)![at]! ^= 1 << bit;
        expect((await judge(zipped(files))).result.ok, `${path} at ${at}`).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test.each(['range', 'checkpoint', 'openings.jsonl', 'signed.jsonl', 'tile/0/000.p/26', 'proof/11.tlog-proof'])(
    'in %s is said to be there',
    async (path) => {
      const files = copy();
      const bytes = files.get(path)!;
      bytes[bytes.length >> 1]! ^= 1;
      await expectBad(files, new RegExp(`^${path.replaceAll('.', '\\.')}`));
    },
  );

  test('in a record names the record', async () => {
    const files = copy();
    files.get('entries.jsonl')![decodeUtf8(files.get('entries.jsonl')!).indexOf('\n') + 40]! ^= 1;
    await expectBad(files, /^record 1$/);
  });

  test('in a file that nothing signs is found by the checksum of the zip, and said to be signed by nobody', async () => {
    const zip = zipped(sound);
    const at = Buffer.from(zip).indexOf('How to check it');
    zip[at]! ^= 1;
    expect((await judge(zip)).result).toMatchObject({ ok: false, where: 'README.txt' });
    expect((await judge(zipped(sound))).result).toMatchObject({
      evidence: { unvouched: ['README.txt', 'verify.html', 'verify.mjs'] },
    });
  });
});

describe('lines', () => {
  const changed = (path: string, change: (all: string[]) => string[]) => {
    const files = copy();
    return files.set(path, joined(change(lines(files, path))));
  };

  test('of records cut off, missing in the middle or swapped are found', async () => {
    await expectBad(
      changed('entries.jsonl', (all) => all.slice(0, 20)),
      /^record 20$/,
      'missing',
    );
    await expectBad(
      changed('entries.jsonl', (all) => all.toSpliced(12, 1)),
      /^record 12$/,
    );
    await expectBad(
      changed('entries.jsonl', (all) => all.with(12, all[13]!).with(13, all[12]!)),
      /^record 12$/,
    );
    await expectBad(
      changed('entries.jsonl', (all) => [...all, all[0]!]),
      /^record 26$/,
      'one too many',
    );
  });

  test('of what people signed that are missing, swapped, doubled or too many are found', async () => {
    await expectBad(
      changed('signed.jsonl', (all) => all.slice(0, -1)),
      'signed.jsonl',
      'ends before',
    );
    await expectBad(
      changed('signed.jsonl', (all) => all.toSpliced(3, 1)),
      'signed.jsonl line 4',
    );
    await expectBad(
      changed('signed.jsonl', (all) => all.with(3, all[4]!).with(4, all[3]!)),
      'signed.jsonl line 4',
    );
    await expectBad(
      changed('signed.jsonl', (all) => [...all, all[0]!]),
      'signed.jsonl line',
      'named by no record',
    );
    const files = copy();
    files.delete('signed.jsonl');
    await expectBad(files, 'signed.jsonl', 'ends before');
  });

  test('of openings that open nothing, or something else, are found; erased ones are not missed', async () => {
    await expectBad(
      changed('openings.jsonl', (all) => [...all, all[0]!]),
      'openings.jsonl line',
      'opens nothing',
    );
    await expectBad(
      changed('openings.jsonl', (all) => all.with(0, all[1]!).with(1, all[0]!)),
      'openings.jsonl line',
      'opens nothing',
    );
    await expectBad(
      changed('openings.jsonl', (all) => all.with(0, all[0]!.replace('Ada Admin', 'Eve Admin'))),
      'openings.jsonl line 1',
      'was changed',
    );
    const { result } = await judge(zipped(changed('openings.jsonl', (all) => all.slice(1))));
    expect(result.ok).toBe(true);
  });

  test('emptied are withheld, which the package has to say itself', async () => {
    await expectBad(
      changed('entries.jsonl', (all) => all.with(13, '')),
      'range',
      '0 records are withheld, but 1 are',
    );
    const files = changed('entries.jsonl', (all) => all.with(12, ''));
    files.set('signed.jsonl', joined(lines(files, 'signed.jsonl').toSpliced(9, 1)));
    files.set('range', encodeUtf8(decodeUtf8(files.get('range')!).replace('withheld 0', 'withheld 1')));
    files.delete('openings.jsonl');
    const { result, rounds } = await judge(zipped(files));
    // The second approval of round 1 is not there to be seen: never sound, and not called false either.
    expect(result).toMatchObject({ ok: true, evidence: { withheld: 1, sense: { verdict: 'not-shown' } } });
    expect(rounds.map(({ verdict }) => verdict)).toEqual(['not-shown', 'not-shown']);
    expect(rounds[0]!.reasons.join('; ')).toContain('with 1 of 2 approvals');
  });
});

describe('files', () => {
  test('that are missing or nobody knows are named', async () => {
    for (const path of ['entries.jsonl', 'checkpoint', 'log.vkey', 'keys.json', 'trust.policy', 'tile/0/000.p/26']) {
      const files = copy();
      files.delete(path);
      await expectBad(files, path, 'missing');
    }
    for (const path of ['checkpoints.jsonl', 'proof/26.tlog-proof', 'verify.exe', 'tile/1/000.p/1'])
      await expectBad(copy().set(path, encodeUtf8('{}\n')), path, 'not covered');
  });

  test('of keys that are another log’s, or none, are named', async () => {
    const other = encodeCanonical({ ...OWN_KEYS, log: OWN_KEYS.witness });
    await expectBad(copy().set('keys.json', other), 'keys.json', 'another log key');
    await expectBad(copy().set('keys.json', encodeUtf8('{}')), 'keys.json', 'three keys');
    const swapped = encodeCanonical({ ...OWN_KEYS, member: OWN_KEYS.witness });
    await expectBad(copy().set('keys.json', swapped), /^record/, 'other keys than keys.json');
  });
});

describe('keys', () => {
  const own = fingerprint(primitives, OWN_KEYS);
  const confirmed = async (policy: Parameters<typeof judge>[1], fingerprints: string[]) => {
    const { result } = await judge(zipped(sound), policy, fingerprints);
    return result.ok ? [result.authenticated, result.evidence!.keys.map(({ confirmed: by }) => by)] : result.message;
  };

  test('that came with the package are unconfirmed until the auditor says otherwise', async () => {
    expect(await confirmed(null, [])).toEqual([false, [null, null]]);
    expect(await confirmed(trustLog(OWN_LOG_KEY), [])).toEqual([true, ['policy', null]]);
    expect(await confirmed(null, [own])).toEqual([true, ['fingerprint', 'fingerprint']]);
    expect(await confirmed(null, [own.replaceAll(' ', '-')])).toEqual([true, ['fingerprint', 'fingerprint']]);
  });

  test('with another fingerprint than was typed refuse the package', async () => {
    const words = 'holds no keys with the fingerprint';
    expect(await confirmed(null, [own.replace(/\d/, (digit) => `${(Number(digit) + 1) % 10}`)])).toContain(words);
  });

  test('of the coordinator are confirmed by its own fingerprint, and its cosignature with them', async () => {
    // The coordinator's witness key, as node-log.ts has it, signs the checkpoint of this export.
    const written = writtenLog();
    story(written.log);
    const seed = primitives.sha256(encodeUtf8('seed of coordinator witness'));
    const key = verifierKey(primitives, 'coordinator.example', 4, ed25519PublicKey(seed));
    const reach = (size: number) => {
      const { note } = written.journal.read.get<{ note: Buffer }>('select note from checkpoint where size = ?', size)!;
      const line = cosign(new Uint8Array(note), 0, 1_800_000_000, { key, seed }).subarray(note.length);
      written.journal.transact('anchor.keep', (tx) => {
        tx.run(
          'insert into cosignature (size, witness, key, line, time) values (?, ?, ?, ?, ?)',
          size,
          key.name,
          key.publicKey,
          decodeUtf8(line),
          1_800_000_000,
        );
      });
      return Promise.resolve();
    };
    const all = [{ id: 'coordinator', log: OWN_LOG_KEY, witness: key }];
    const { zip, anchoredBy, missing } = await exportedZip(written, { cosigners: { all, reach } });
    expect({ anchoredBy, missing }).toEqual({ anchoredBy: ['coordinator'], missing: [] });
    const { result } = await judge(zip, null, [fingerprint(primitives, COORDINATOR_KEYS)]);
    expect(result).toMatchObject({
      ok: true,
      authenticated: false,
      evidence: {
        ownPolicy: 'met',
        keys: [
          { whose: 'log', confirmed: null },
          { whose: 'installation', confirmed: null },
          { whose: 'witness coordinator.example (the coordinator)', confirmed: 'fingerprint' },
        ],
      },
    });
    const policy = `log ${encodeVkey(OWN_LOG_KEY)}\nwitness c ${encodeVkey(key)}\nquorum c\n`;
    expect((await judge(zip, parsePolicy(primitives, encodeUtf8(policy)))).result).toMatchObject({
      ok: true,
      evidence: { keys: [{ confirmed: 'policy' }, { confirmed: null }, { confirmed: 'policy' }] },
    });
    const other = policy.replace(encodeVkey(key), encodeVkey(witness(9)));
    expect((await judge(zip, parsePolicy(primitives, encodeUtf8(other)))).result).toMatchObject({
      ok: false,
      where: 'checkpoint',
    });
  });
});

test('names that reorder, hide or end a line are shown as what they are', async () => {
  const written = writtenLog();
  const eve = actor('Eve \u202egnirts\u0000 \u200b\n😀 中文 한글 עברית ż', 'approver');
  written.log.founded();
  written.log.account('add', eve, [ada]);
  written.log.round(keyOf(1), ann, eve);
  const { result, rounds } = await judge((await exportedZip(written, { names: true })).zip);
  expect(result.ok).toBe(true);
  expect(rounds.map(lineInWords).join()).toContain('Eve \\u{202e}gnirts\\u{0} \\u{200b}\\u{a}😀 中文 한글 עברית ż (p-');
});
