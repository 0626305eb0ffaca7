// Evidence as the program writes it: whole, filtered, a stretch, with and without names, on a full disk.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { exportEvidence } from '../../platform/export-evidence.ts';
import { openJournal } from '../../platform/journal.ts';
import { logOrigin } from '../../platform/log-origin.ts';
import { encodeVkey } from '../../shared/transparency/verifier-key.ts';
import { decodeUtf8, encodeUtf8 } from '../../shared/wire/canonical.ts';
import { LOG_MIGRATIONS, MIGRATIONS } from '../support/evidence-store.ts';
import { exportedZip, judge, unzipped, writtenLog, zipped } from '../support/evidence.ts';
import { ada, ann, bob, cyd, INSTALLATION, keyOf, MEMBER, OWN_KEYS, OWN_LOG_KEY, sam } from '../support/node-log.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Two studies; the rounds of one by people, of the other by a policy. */
function twoStudies() {
  const written = writtenLog();
  const { log } = written;
  log.founded();
  log.decideStudy('join', 'other', sam);
  log.round(keyOf(1));
  log.round(keyOf(1, 'other'), bob, cyd);
  log.advance(30 * 24 * 3600_000);
  log.round(keyOf(2), ann, cyd);
  return written;
}

const shownKinds = (entries: Uint8Array) =>
  decodeUtf8(entries)
    .split('\n')
    .slice(0, -1)
    .map((line) => (line === '' ? '' : (JSON.parse(line) as { kind: string }).kind));

test('evidence is one zip that ordinary programs read, and says last that it was exported', async () => {
  const written = twoStudies();
  const { file, zip, size, bytes, withheld } = await exportedZip(written);
  expect([bytes, withheld]).toEqual([zip.length, 0]);
  const files = await unzipped(zip);
  expect([...files.keys()].filter((path) => !path.startsWith('proof/'))).toEqual([
    'README.txt',
    'verify.html',
    'verify.mjs',
    'log.vkey',
    'keys.json',
    'trust.policy',
    'checkpoint',
    'entries.jsonl',
    'signed.jsonl',
    `tile/0/000.p/${size}`,
    'range',
  ]);
  expect(shownKinds(files.get('entries.jsonl')!).at(-1)).toBe('log.exported');
  expect(readdirSync(written.folder).filter((name) => name.includes('evidence'))).toHaveLength(1);
  // Python's own zip module, as a stranger to ours.
  expect(execFileSync('python3', ['-m', 'zipfile', '-t', file], { encoding: 'utf8' })).toContain('Done testing');
});

test('the verifier in the package is the one that is generated, and runs on nothing but Node', async () => {
  const { file, zip } = await exportedZip(twoStudies());
  const program = (await unzipped(zip)).get('verify.mjs')!;
  expect(decodeUtf8(program)).toBe(readFileSync('platform/gen/verify.mjs', 'utf8'));
  const alone = temporaryFolder();
  writeFileSync(join(alone, 'verify.mjs'), program);
  const { status, stdout } = spawnSync(process.execPath, [join(alone, 'verify.mjs'), file], {
    cwd: alone,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ok {8}round 1 of small: sent, 992 bytes; approved by p-/m);
  expect(stdout).toMatch(/^Rounds: 3 ok, 0 not shown, 0 failed; \d+ signatures/m);
});

test('without names the evidence holds none, and signers’ keys still tell two people apart', async () => {
  const written = twoStudies();
  const { zip } = await exportedZip(written);
  for (const { name } of [ada, ann, bob, cyd, sam]) expect(Buffer.from(zip).includes(name)).toBe(false);
  expect(Buffer.from(zip).includes('agreed with the data board')).toBe(false);
  const { rounds } = await judge(zip);
  expect(rounds.map(({ approvals }) => approvals.map(({ key, name }) => [key, name]))[0]).toEqual([
    [ann.key, null],
    [bob.key, null],
  ]);
  const named = await judge((await exportedZip(written, { names: true })).zip);
  expect(named.rounds[0]!.approvals.map(({ name }) => name)).toEqual([ann.name, bob.name]);
});

test('a name that was erased is not opened, and the rest still verifies', async () => {
  const written = twoStudies();
  written.journal.transact('erase', (tx) => {
    tx.run("delete from opening where value like '%Ann%'");
    tx.append({ kind: 'program.started', detail: { software: 'a', node: 'b', platform: 'c' } });
  });
  const { result, rounds } = await judge((await exportedZip(written, { names: true })).zip);
  expect(result.ok).toBe(true);
  expect(rounds[0]!.approvals.map(({ name }) => name)).toEqual([null, bob.name]);
});

describe('a filter', () => {
  const kindsWithout = async (filter: Parameters<typeof exportEvidence>[0]['filter']) => {
    const { zip, withheld } = await exportedZip(twoStudies(), { filter });
    const { result, rounds } = await judge(zip);
    const kinds = shownKinds((await unzipped(zip)).get('entries.jsonl')!);
    expect(result).toMatchObject({ ok: true, evidence: { withheld, sense: { verdict: 'not-shown' } } });
    expect(kinds.filter((kind) => kind === '')).toHaveLength(withheld);
    return { kinds, rounds, withheld };
  };

  test('by study shows the study and who may act, keeps all positions, and calls nothing sound that it hides from', async () => {
    const { kinds, rounds } = await kindsWithout({ studies: ['other'] });
    expect(kinds.slice(0, 12)).toEqual([
      'log.created',
      'account.added',
      'account.added',
      'rules.changed',
      'account.added',
      'account.added',
      'account.added',
      'account.added',
      'enrolment.requested',
      '',
      'study.joined',
      '',
    ]);
    expect(rounds.map(({ study, verdict }) => [study, verdict])).toEqual([['other', 'not-shown']]);
    expect(rounds[0]!.approvals.map(({ person }) => person)).toEqual([bob.id, cyd.id]);
  });

  test('by person shows what the person did', async () => {
    const { kinds, rounds } = await kindsWithout({ persons: [ann.id] });
    expect(kinds.filter((kind) => kind.startsWith('approval'))).toHaveLength(2);
    expect(rounds.map(({ verdict }) => verdict)).toEqual(['not-shown', 'not-shown']);
  });

  test('by kind shows the kinds', async () => {
    const { kinds } = await kindsWithout({ kinds: ['update.sent'] });
    expect(kinds.filter((kind) => kind.startsWith('update'))).toEqual(['update.sent', 'update.sent', 'update.sent']);
    expect(kinds.some((kind) => kind.startsWith('approval'))).toBe(false);
  });

  test('by time shows what lies within, both ends included', async () => {
    const { kinds, rounds } = await kindsWithout({ from: '2026-03-20T00:00:00.000Z' });
    expect(kinds.filter((kind) => kind === 'update.sent')).toHaveLength(1);
    expect(rounds.map(({ round, verdict }) => [round, verdict])).toEqual([[2, 'not-shown']]);
  });

  test('is in the record of the export', async () => {
    const written = twoStudies();
    await exportedZip(written, { filter: { studies: ['other'] }, names: true });
    const { bytes } = written.journal.read.get<{ bytes: Buffer }>('select bytes from record order by position desc')!;
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({
      kind: 'log.exported',
      detail: { format: 'assent-evidence/v1', filter: { studies: ['other'] }, names: true },
    });
  });
});

describe('a stretch of a log', () => {
  const long = () => {
    const written = twoStudies();
    written.atOnce(() => {
      for (let round = 3; round < 140; round++) written.log.round(keyOf(round));
    });
    return written;
  };

  test('that neither begins nor ends with it verifies against its checkpoint, in whole tiles', async () => {
    const { zip, from, to, size } = await exportedZip(long(), { stretch: { from: 300, to: 600 } });
    expect([from, to]).toEqual([256, 768]);
    expect(size).toBeGreaterThan(900);
    const { result, rounds } = await judge(zip);
    expect(result).toMatchObject({ ok: true, size, evidence: { from: 256, to: 768, withheld: 0 } });
    expect(new Set(rounds.map(({ verdict }) => verdict))).toEqual(new Set(['not-shown']));
    const paths = [...(await unzipped(zip)).keys()].filter((path) => path.startsWith('tile/'));
    expect(paths).toEqual(['tile/0/001', 'tile/0/002']);
  });

  test('ends with the tile of the last record that a time lets in', async () => {
    const { from, to, size } = await exportedZip(long(), { filter: { to: '2026-03-20T00:00:00.000Z' } });
    expect([from, to]).toEqual([0, 256]);
    expect(size).toBeGreaterThan(256);
  });

  test('whose hashes of what lies beside it were changed, left out or swapped is refused', async () => {
    const { zip } = await exportedZip(long(), { stretch: { from: 512, to: 768 } });
    const range = decodeUtf8((await unzipped(zip)).get('range')!);
    const refusals: [string, string][] = [
      [range.replace(/left (.)/, (_, c: string) => `left ${c === 'A' ? 'B' : 'A'}`), 'checkpoint'],
      [range.replace(/right (.)/, (_, c: string) => `right ${c === 'A' ? 'B' : 'A'}`), 'checkpoint'],
      [range.replace(/left .*\n/, ''), 'range'],
      [range.replace(/right .*\n/, ''), 'range'],
      [range.replace('left ', 'right '), 'range'],
      [range.replace('from 512', 'from 256'), 'tile/0/001'],
      [range.replace('to 768', 'to 767'), 'range'],
      [range.replace('to 768', 'to 1e9'), 'range'],
      [`${range}right ${'A'.repeat(43)}=\n`, 'range'],
      [range.slice(0, -1), 'range'],
      [range.replace('\n', '\r\n'), 'range'],
    ];
    for (const [text, where] of refusals) {
      const files = await unzipped(zip);
      const { result } = await judge(zipped(files.set('range', encodeUtf8(text))));
      expect(result.ok ? '' : result.where, text).toBe(where);
    }
  });
});

test('an empty log becomes evidence of one record, which says that it was exported', async () => {
  const { zip } = await exportedZip(writtenLog());
  expect((await judge(zip)).result).toMatchObject({ ok: true, size: 1, evidence: { sense: { verdict: 'ok' } } });
});

test('a coordinator’s log becomes evidence too: every update that counted was approved by an admitted member', async () => {
  const build = async (approves: boolean) => {
    const folder = temporaryFolder();
    const journal = openJournal<string>({
      file: join(folder, 'c.db'),
      migrations: LOG_MIGRATIONS,
      now: () => 1.8e12,
    });
    journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
    const h = 'ab'.repeat(32);
    const about = { study: 'small', round: 1, attempt: 1 };
    journal.transact('all', (tx) => {
      const origin = logOrigin(INSTALLATION.log.publicKey);
      tx.append({ kind: 'log.created', detail: { origin, log: OWN_KEYS.log, software: 'a', program: 'coordinator' } });
      tx.append({ kind: 'member.admitted', detail: { member: MEMBER, keys: OWN_KEYS, directory: h, sequence: 1 } });
      tx.append({
        kind: 'round.opened',
        ...about,
        detail: { plan: h, inputModel: h, members: 1, sendBy: '2027-01-01T00:00:00.000Z' },
      });
      if (approves)
        tx.append({
          kind: 'decision.received',
          ...about,
          detail: { member: MEMBER, decision: 'approve', approval: h, record: h },
        });
      tx.append({
        kind: 'update.accepted',
        ...about,
        detail: { member: MEMBER, statement: h, approval: h, blob: h, bytes: 9, weight: 1, norm: '1' },
      });
      tx.append({
        kind: 'round.aggregated',
        ...about,
        detail: { plan: h, outcome: h, members: 1, aggregate: h, model: h, metrics: {} },
      });
    });
    const file = join(folder, 'evidence.zip');
    await exportEvidence({ journal, keys: OWN_KEYS, file, filter: {}, names: true });
    journal.close();
    return judge(new Uint8Array(readFileSync(file)));
  };
  const good = await build(true);
  expect(good.result).toMatchObject({ ok: true, evidence: { sense: { verdict: 'ok' } } });
  expect(good.rounds).toMatchObject([{ verdict: 'ok', outcome: 'aggregated', members: [MEMBER] }]);
  const bad = await build(false);
  expect(bad.result).toMatchObject({
    ok: false,
    where: 'record 3',
    message: expect.stringContaining('has not approved') as string,
  });
  expect(bad.rounds).toMatchObject([{ verdict: 'failed' }]);
});

describe('assent-verify', () => {
  test('ends with 0 for sound evidence, in a zip or unpacked, and prints a line a round and whose keys are confirmed', async () => {
    const { file, zip } = await exportedZip(twoStudies());
    const { code, out } = await verifyCommand([file, '--key', encodeVkey(OWN_LOG_KEY)]);
    expect(code).toBe(0);
    expect(out.match(/^ok {8}round \d of \w+: sent, 992 bytes/gm)).toHaveLength(3);
    // Seven accounts and rules by two, two joinings, six approvals with the installation's signature each.
    expect(out).toContain('\nShown: the whole log\nRounds: 3 ok, 0 not shown, 0 failed; 22 signatures');
    expect(out).toContain(`Key of log, ${OWN_KEYS.log.slice(0, 16)}: confirmed by your policy`);
    expect(out).toContain(`Key of installation, ${OWN_KEYS.member.slice(0, 16)}: UNCONFIRMED`);
    const folder = temporaryFolder();
    for (const [path, bytes] of await unzipped(zip)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    expect(await verifyCommand([folder, '--key', encodeVkey(OWN_LOG_KEY)])).toEqual({ code, out, err: '' });
  });

  test('ends with 3 when something is not shown, and says how many records are withheld', async () => {
    const { file, withheld } = await exportedZip(twoStudies(), { filter: { studies: ['other'] } });
    const { code, out } = await verifyCommand([file]);
    expect(code).toBe(3);
    expect(out).toContain('\nNOT SHOWN IN FULL: ');
    expect(out).toContain(`of which ${withheld} are withheld`);
    expect(out).not.toMatch(/^OK/m);
  });

  test('ends with 1 for a log that lacks an approval and was signed again, and names the record', async () => {
    const written = writtenLog((entry) =>
      entry.kind === 'approval.granted' && entry.detail.number === 2 ? null : entry,
    );
    written.log.founded().round(keyOf(1));
    const { file } = await exportedZip(written);
    const { code, out } = await verifyCommand([file, '--key', encodeVkey(OWN_LOG_KEY)]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED {4}round 1 of small: sent/m);
    expect(out).toMatch(/^FAILED: record 15 sends for round 1 of small with 1 of 2 approvals/m);
    const json = JSON.parse((await verifyCommand([file, '--json'])).out) as Record<string, unknown>;
    expect(json).toMatchObject({
      ok: false,
      index: 15,
      sense: { verdict: 'failed', found: 2 },
      rounds: [{ verdict: 'failed' }],
    });
  });
});

describe('an export that does not come to its end', () => {
  test('because the disk is full leaves nothing behind, and says so', () => {
    const folder = temporaryFolder();
    const journal = openJournal<string>({ file: join(folder, 'log.db'), migrations: MIGRATIONS, now: () => 1.8e12 });
    journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
    const detail = { software: 'a', node: 'n'.repeat(900), platform: 'p' };
    journal.transact('many', (tx) => {
      for (let i = 0; i < 3000; i++) tx.append({ kind: 'program.started', detail });
    });
    journal.close();
    const script = `
      import { exportEvidence } from './platform/export-evidence.ts';
      import { openJournal } from './platform/journal.ts';
      import { MIGRATIONS } from './test/support/evidence-store.ts';
      import { INSTALLATION, OWN_KEYS, OWN_LOG_KEY } from './test/support/node-log.ts';
      const folder = process.argv[1];
      const journal = openJournal({ file: folder + '/log.db', migrations: MIGRATIONS, now: Date.now });
      journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
      const file = folder + '/out/evidence.zip';
      const exporting = exportEvidence({ journal, keys: OWN_KEYS, file, filter: {}, names: false });
      await exporting.catch(({ code, message }) => console.log(code + ': ' + message));`;
    // No file may grow beyond 2,000 blocks of 512 bytes: room for what the store writes, but not for a zip of 3 MB.
    const shell = `trap '' XFSZ; ulimit -f 2000; exec "$0" --input-type=module -e "$1" "$2"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, script, folder], { encoding: 'utf8' });
    expect(stdout, stderr).toMatch(
      /^DISK_FULL: There is no room left for .*evidence\.zip \(EFBIG\); nothing of it was kept\.$/m,
    );
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  test('because somebody stopped it leaves nothing behind', async () => {
    const written = twoStudies();
    const stop = new AbortController();
    const exporting = exportedZip(written, { signal: stop.signal, progress: () => stop.abort() });
    await expect(exporting).rejects.toMatchObject({ code: 'CANCELED' });
    expect(readdirSync(written.folder).filter((name) => name.includes('evidence'))).toEqual([]);
  });

  test('because the store lost what people signed says which record needs it', async () => {
    const written = twoStudies();
    written.journal.transact('lose', (tx) => {
      tx.run("delete from signed_record where kind = 'participation'");
      tx.append({ kind: 'program.started', detail: { software: 'a', node: 'b', platform: 'c' } });
    });
    await expect(exportedZip(written)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining('which record 9 names') as string,
    });
    expect(readdirSync(written.folder).filter((name) => name.includes('evidence'))).toEqual([]);
  });

  test('because something has its name already leaves that as it is, and no record', async () => {
    const written = twoStudies();
    const file = join(written.folder, 'mine');
    writeFileSync(file, 'mine');
    const size = written.journal.size();
    await expect(exportedZip(written, { file })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect([readFileSync(file, 'utf8'), written.journal.size()]).toEqual(['mine', size]);
  });

  test('because its folder cannot be made says so', async () => {
    const written = twoStudies();
    const file = join(written.folder, 'log.db', 'evidence.zip');
    await expect(exportedZip(written, { file })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});

test('progress rises to one', async () => {
  const seen: number[] = [];
  await exportedZip(twoStudies(), { progress: (share) => seen.push(share) });
  expect([seen.toSorted((a, b) => a - b), seen.at(-1)]).toEqual([seen, 1]);
});
