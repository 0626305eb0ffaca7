// kill -9 on the way that only a backup leads: a node that finds itself behind and starts a successor, a coordinator that takes it
// in or finds itself behind, and a witness between what it keeps and what it answers.
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressFile } from '../../coordinator/store/open.ts';
import { generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import { letterFromWire, letterToWire } from '../../platform/letter-wire.ts';
import type { Letter } from '../../platform/letters.ts';
import { partiesOf, type Party } from '../../platform/parties.ts';
import type { CrashPoint } from '../../platform/steps.ts';
import { directoryRecord } from '../../shared/records/membership.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { successorRecord } from '../../shared/records/succession.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { handClock } from '../support/hand-clock.ts';
import { connect, lay, recordsIn, startCoordinator, type Gauntlet } from '../support/gauntlet.ts';
import { PASSPHRASE, rowsCsv, smallStudy } from '../support/institution.ts';
import { eventually, startConsortium, startMember } from '../support/live-consortium.ts';
import { runToEnd, supervise } from '../support/processes.ts';
import { refusalOf, signingMember, type SigningMember } from '../support/signing-member.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { witnessedLog, type WitnessedLog } from '../support/witnessed-logs.ts';

const sides = (...names: string[]): CrashPoint[] =>
  names.flatMap((name) => [`${name}:before` as CrashPoint, `${name}:after` as CrashPoint]);
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

test(
  'a restored node killed at each step towards its successor log starts exactly one',
  { timeout: 180_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 1, quorum: 1 }]);
    const { folder, admin, coordinator } = await startConsortium({ study, rows: { beta: rowsCsv() } });
    const home = join(folder, 'alpha');
    const alpha = await startMember('alpha', home);
    const { invitation, fingerprint } = await admin.invite({ member: 'alpha', name: 'Alpha' });
    const asked = await alpha.calls.enrol({ invitation, fingerprint });
    await eventually(async () =>
      (await admin.listMembers({})).members.some(({ id, state }) => id === 'alpha' && state === 'enrolled'),
    );
    await admin.admit({ member: 'alpha', fingerprint: asked.fingerprint });
    const anchored = async () => Number((await alpha.calls.getStatus({})).anchor!.size);
    await eventually(async () => (await anchored()) > 0);
    const backup = join(folder, 'backup');
    await alpha.restart(() => cpSync(home, backup, { recursive: true }));
    const before = await anchored();
    await exportFolder(alpha.calls, join(folder, 'audit'));
    await eventually(async () => (await anchored()) > before);
    await alpha.stop();
    rmSync(home, { recursive: true });
    cpSync(backup, home, { recursive: true });

    const points = sides('log.conflict', 'log.succeed', 'send.successor');
    const node = supervise({ file: 'test/support/successor-process.ts', args: [home, PASSPHRASE], points });
    await node.survived();
    const { read } = coordinator.store.journal;
    const known = () =>
      read
        .all<{ bytes: Buffer }>("select bytes from record where kind = 'member.succeeded'")
        .map(
          ({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: { keys: { log: string } } }).detail.keys.log,
        );
    await eventually(async () => known().length > 0);
    await eventually(
      async () => (await admin.listAnchors({})).witnessed.filter(({ member }) => member === 'alpha').length === 2,
    );
    await node.stop();
    const records = recordsIn(join(home, 'assent.db'));
    const of = (kind: string) => records.filter((record) => record.kind === kind);
    expect([of('log.behind').length, of('log.succeeded').length]).toEqual([1, 1]);
    expect(known()).toEqual([(of('log.succeeded')[0]!.detail as unknown as { log: string }).log]);
  },
);

type Beta = { member: SigningMember; log: WitnessedLog };

/** A coordinator in a process of its own, and a member that is reduced to keys and a log. */
async function consortium(): Promise<{
  g: Gauntlet;
  start(points?: readonly CrashPoint[]): ReturnType<typeof startCoordinator>;
  admin: () => ReturnType<typeof connect<typeof AdminService>>;
  join(): Promise<Beta>;
}> {
  const g = await lay(temporaryFolder());
  const made = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
  expect(await runToEnd('coordinator/cli.ts', made)).toMatchObject({ code: 0 });
  const admin = () => connect(AdminService, addressFile(g.coordinatorHome));
  return {
    g,
    admin,
    start: (points = []) => startCoordinator(g, points),
    async join() {
      const member = signingMember({
        id: 'beta',
        url: `http://127.0.0.1:${g.port}`,
        consortium: 'test',
        now: Date.now,
      });
      const { invitation } = await admin().invite({ member: 'beta', name: 'Beta' });
      await member.enrol(invitation);
      await admin().admit({ member: 'beta', fingerprint: member.fingerprint });
      const bytes = (await member.events()).find(({ kind }) => kind.case === 'directory')!.kind.value!.record;
      const parties: Party[] = partiesOf(directoryRecord.decode(bytes));
      return {
        member,
        log: witnessedLog('beta', () => parties, { keys: member.secrets, clock: handClock(Date.now()) }),
      };
    },
  };
}

const exchange = async ({ member }: Beta, letters: Letter[]) =>
  (await member.calls.exchangeLetters({ letters: letters.map(letterToWire) })).letters.map(letterFromWire);
const asking = ({ log }: Beta): Letter[] =>
  log.anchors.requests('coordinator').map(({ to, body }) => ({ kind: 'request', party: to, body }));
const answering = ({ log }: Beta, letters: readonly Letter[]): Letter[] =>
  letters.flatMap((letter) =>
    letter.kind === 'request'
      ? log.witness
          .judge([{ from: letter.party, body: letter.body }])
          .map((answer): Letter => ({ kind: 'answer', party: letter.party, answer }))
      : [],
  );

test(
  'a witness killed between keeping and answering gives its cosignature to whoever asks again',
  { timeout: 120_000 },
  async () => {
    const { start, join: joining } = await consortium();
    const first = start();
    await first.ready();
    const beta = await joining();
    await first.stop();
    const coordinator = start(sides('witness.judge'));
    await coordinator.ready();
    beta.log.grow(3);
    const statuses: (number | string)[] = [];
    for (const left of [2, 1, 0]) {
      await coordinator.until(
        async () => {
          beta.log.clock.advance(60_000);
          const letters = await exchange(beta, asking(beta));
          for (const letter of letters)
            if (letter.kind === 'answer') {
              statuses.push(letter.answer.status);
              beta.log.anchors.take('coordinator', letter.answer);
            }
        },
        () => coordinator.left().length < left,
      );
      if (left > 0) while (coordinator.left().length >= left) await turn();
    }
    await coordinator.survived();
    // Before anything was kept: nothing. After: what is kept is named, and cosigned again.
    if (statuses.at(-1) !== 200)
      for (const letter of await exchange(beta, asking(beta)))
        if (letter.kind === 'answer') {
          statuses.push(letter.answer.status);
          beta.log.anchors.take('coordinator', letter.answer);
        }
    expect(statuses).toEqual([409, 200]);
    expect(beta.log.journal.read.all('select size, witness from cosignature')).toEqual([
      { size: 3, witness: 'test/coordinator' },
    ]);
    await coordinator.stop();
  },
);

test('a coordinator killed as it takes in a successor log has taken it in once', { timeout: 120_000 }, async () => {
  const { g, start, join: joining } = await consortium();
  const coordinator = start(sides('member.succeed'));
  await coordinator.ready();
  const beta = await joining();
  beta.log.grow(3);
  const { note, root } = beta.log.journal.read.get<{ note: Buffer; root: Buffer }>(
    'select note, root from checkpoint',
  )!;
  await exchange(beta, asking(beta));
  const next = generateEd25519();
  const record = successorRecord.encode({
    v: 1,
    consortium: 'test',
    member: 'beta',
    predecessor: { origin: beta.log.party.log.name, size: 3, root: toHex(root) },
    log: toHex(next.publicKey),
    decision: '11'.repeat(32),
    at: new Date().toISOString(),
  });
  const message = signedMessage(successorRecord.kind, record);
  const said = {
    record,
    memberSignature: signEd25519(beta.member.secrets.member.privateKey, message),
    logSignature: signEd25519(next.privateKey, message),
    checkpoint: note,
  };
  await coordinator.until(() => beta.member.calls.succeedLog(said));
  await coordinator.survived();
  await coordinator.until(() => beta.member.calls.succeedLog(said));
  await coordinator.stop();
  const records = recordsIn(join(g.coordinatorHome, 'coordinator.db'));
  expect(records.filter(({ kind }) => kind === 'member.succeeded')).toHaveLength(1);
});

test(
  'a restored coordinator killed as it finds itself behind says so once, and opens nothing any more',
  { timeout: 120_000 },
  async () => {
    const { g, start, join: joining, admin } = await consortium();
    const first = start();
    await first.ready();
    const beta = await joining();
    await first.stop();
    const backup = join(g.folder, 'backup');
    cpSync(g.coordinatorHome, backup, { recursive: true });
    const second = start();
    await second.ready();
    await admin().exportLog({ folder: join(g.folder, 'audit'), waitSeconds: 0 });
    expect(answering(beta, await exchange(beta, []))).toMatchObject([{ answer: { status: 200 } }]);
    await second.stop();
    rmSync(g.coordinatorHome, { recursive: true });
    cpSync(backup, g.coordinatorHome, { recursive: true });

    const coordinator = start(sides('log.conflict'));
    await coordinator.ready();
    while (coordinator.left().length > 0)
      await coordinator.until(
        async () => void (await exchange(beta, answering(beta, await exchange(beta, [])))),
        () => true,
      );
    await coordinator.survived();
    const { anchor } = (await coordinator.until(() => admin().getStatus({})))!;
    expect(anchor).toMatchObject({ code: 'LOG_BEHIND' });
    expect(await refusalOf(admin().invite({ member: 'gamma', name: 'Gamma' }))).toBe('LOG_BEHIND');
    await coordinator.stop();
    const records = recordsIn(join(g.coordinatorHome, 'coordinator.db'));
    expect(records.filter(({ kind }) => kind === 'log.behind')).toHaveLength(1);
    expect(beta.log.kinds()).toEqual(['log.alarm']);
  },
);
