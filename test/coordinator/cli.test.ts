import Database from 'better-sqlite3';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../coordinator/cli.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import type { Io } from '../../platform/cli.ts';
import { exampleStudy } from '../support/example-study.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { gradientBytes, PASSPHRASE, tinyStudy } from '../support/open-consortium.ts';
import { signingMember, type SigningMember } from '../support/signing-member.ts';

/** A terminal of its own for each command. */
function terminal(home: string, signal: AbortSignal = new AbortController().signal) {
  const passphraseFile = join(home, '..', 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`);
  return async (...argv: string[]) => {
    let [out, err] = ['', ''];
    const io: Io = {
      out: (text) => (out += text),
      err: (text) => (err += text),
      env: { ASSENT_PASSPHRASE_FILE: passphraseFile },
      ask: undefined,
      signal,
    };
    const code = await main(['--home', home, ...argv], io);
    return { code, out, err };
  };
}

/** `run` in this process until the test ends; resolves with its address. */
async function running(home: string) {
  const stop = new AbortController();
  const ready = Promise.withResolvers<string>();
  const io: Io = {
    out: (text) => {
      const url = /^listening on (\S+)\n$/.exec(text)?.[1];
      if (url !== undefined) ready.resolve(url);
    },
    err: (text) => ready.reject(new Error(text)),
    env: { ASSENT_PASSPHRASE_FILE: join(home, '..', 'passphrase') },
    ask: undefined,
    signal: stop.signal,
  };
  const ended = main(['--home', home, 'run', '--port', '0'], io);
  const end = async () => {
    stop.abort();
    return ended;
  };
  onTestFinished(async () => void (await end()));
  return { url: await ready.promise, end };
}

describe('assent-coordinator', () => {
  it('takes a consortium from its creation to results and an export that verifies', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'coordinator');
    const assent = terminal(home);
    const created = await assent('create', '--consortium', 'hearts', '--name', 'Hearts');
    expect(created).toMatchObject({ code: 0, err: '' });
    const { url, end } = await running(home);
    expect(statSync(join(home, 'coordinator.json')).mode & 0o777).toBe(0o600);

    const members: SigningMember[] = [];
    for (const id of ['alpha', 'beta']) {
      const file = join(folder, `${id}.invitation`);
      expect(await assent('invite', id, '--name', `Institution ${id}`, '--out', file)).toMatchObject({ code: 0 });
      const member = signingMember({ id, url, consortium: 'hearts', now: Date.now });
      await member.enrol(readFileSync(file, 'utf8'));
      expect(await assent('admit', id, '--fingerprint', member.fingerprint)).toMatchObject({
        code: 0,
        out: `${id} is admitted.\n`,
      });
      members.push(member);
    }
    expect((await assent('members')).out).toMatch(/alpha +Institution alpha +admitted/);
    const study = tinyStudy(['rounds', 1]);
    writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
    expect((await assent('study', 'start', join(folder, 'study.json'))).out).toMatch(
      /^Started study tiny, hash [0-9a-f]{64}\n$/,
    );
    expect((await assent('status')).out).toContain('joined: nobody yet');
    const early = join(folder, 'early');
    expect((await assent('results', 'tiny', '--out', early)).err).toMatch(/^No round of tiny was aggregated yet: /);
    expect(existsSync(early)).toBe(false);
    for (const member of members) await member.join(study);
    await until(async () => (await members[0]!.events()).some(({ kind }) => kind.case === 'plan'));
    const announced = await members[0]!.plan();
    const before = await assent('status');
    expect(before.out).toContain('waiting for beta: approval, since ');
    for (const member of members)
      await member.contribute(announced, gradientBytes(1, 2), { metrics: { loss: '0.5', auc: '0.75' } });
    const watched = terminal(home, AbortSignal.timeout(20_000));
    await until(async () => (await watched('status')).out.includes('tiny: finished'));

    const results = join(folder, 'results');
    expect((await assent('results', 'tiny', '--out', results)).code).toBe(0);
    expect(readFileSync(join(results, 'metrics.csv'), 'utf8')).toMatch(
      /^round,attempt,result,participants,loss,auc,bytes_up,bytes_down,seconds,reason,model\r\n1,1,aggregated,2,0\.5,0\.75,\d+,\d+,[\d.]+,,[0-9a-f]{64}\r\n$/,
    );
    expect(readFileSync(join(results, 'participants.csv'), 'utf8').split('\r\n')[1]).toMatch(/^1,1,alpha,10,/);
    expect(readFileSync(join(results, 'model.safetensors')).length).toBe(announced.plan.inputModel.bytes);

    const exported = join(folder, 'audit');
    expect((await assent('audit', 'export', '--wait', '0', '--out', exported)).out).toMatch(
      /^\d+ records, root [0-9a-f]{64}\n/,
    );
    expect((await assent('audit', 'export', '--wait', '0', '--out', exported)).code).toBe(0);
    expect((await assent('audit', 'export', '--wait', '0', '--out', results)).err).toContain('FILE_EXISTS');
    expect(await verifyCommand([exported, '--key', join(exported, 'log.vkey')])).toMatchObject({ code: 0 });
    expect(await end()).toBe(0);
    // Without a running one the command opens the store itself.
    expect((await assent('status')).out).toContain('tiny: finished (all 1 rounds are done), 1 of 1 rounds done');
    expect((await assent('invite', 'gamma', '--name', 'G')).err).toContain('Give --url');
  });

  it('checks a study file and prints its schema without any store', async () => {
    const folder = temporaryFolder();
    const assent = terminal(join(folder, 'nothing'));
    const file = join(folder, 'study.json');
    writeFileSync(file, JSON.stringify(exampleStudy()));
    const checked = await assent('study', 'check', file);
    expect(checked.out).toMatch(/up, a member and round +\d+ bytes/);
    writeFileSync(file, JSON.stringify({ ...exampleStudy(), rounds: 0, surprise: 1 }));
    const wrong = await assent('study', 'check', file);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/surprise: unknown field/);
    expect(wrong.err).toMatch(/rounds: /);
    expect(JSON.parse((await assent('study', 'schema')).out)).toMatchObject({ title: 'Assent study', type: 'object' });
  });

  it('says in one line what is wrong', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'coordinator');
    const assent = terminal(home);
    expect(await assent('status')).toMatchObject({ code: 1, err: expect.stringContaining('STORE_MISSING') as unknown });
    expect(await assent('create')).toMatchObject({ code: 2, err: '--consortium is needed.\n' });
    expect(await assent('create', '--consortium', 'Hearts!')).toMatchObject({
      code: 1,
      err: expect.stringContaining('REQUEST_INVALID') as unknown,
    });
    expect((await assent('create', '--consortium', 'hearts')).code).toBe(0);
    expect((await assent('create', '--consortium', 'hearts')).err).toContain('STORE_EXISTS');
    const bad = await assent('invite', 'Gamma Clinic', '--name', 'G', '--url', 'https://example.org');
    expect(bad).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^"Gamma Clinic" is no name for a member: use lower/) as unknown,
    });
    expect((await assent('run', '--host', '0.0.0.0')).err).toContain('TRANSPORT_INSECURE');
    expect((await assent('run', '--tls-cert', 'x')).code).toBe(2);
    expect((await assent('nonsense')).code).toBe(2);
    writeFileSync(join(folder, 'wrong'), 'another passphrase');
    expect((await assent('status', '--passphrase-file', join(folder, 'wrong'))).err).toContain('PASSPHRASE_WRONG');
  });
});

describe('create', () => {
  /** At a terminal where a person would be asked for a passphrase. */
  async function asked(home: string, consortium: string) {
    let err = '';
    let questions = 0;
    const ask = () => {
      questions += 1;
      return Promise.resolve(PASSPHRASE);
    };
    const io: Io = { out: () => {}, err: (text) => (err += text), env: {}, ask, signal: new AbortController().signal };
    const code = await main(['--home', home, 'create', '--consortium', consortium], io);
    return { code, err, questions };
  }

  it('asks for a passphrase only where a consortium can be made', async () => {
    const home = join(temporaryFolder(), 'coordinator');
    expect(await asked(home, 'Hearts!')).toMatchObject({ code: 1, questions: 0 });
    expect(await asked(home, 'hearts')).toEqual({ code: 0, err: '', questions: 2 });
    expect(await asked(home, 'hearts')).toMatchObject({
      questions: 0,
      err: expect.stringContaining('STORE_EXISTS') as unknown,
    });
  });

  it('makes anew what was cut off before it held a consortium', async () => {
    const home = temporaryFolder();
    const cutOff = new Database(join(home, 'coordinator.db'));
    cutOff.pragma('journal_mode = WAL');
    cutOff.close();
    expect(await asked(home, 'hearts')).toMatchObject({ code: 0, questions: 2 });
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
