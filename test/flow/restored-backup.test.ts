// A store that is put back from an old backup: it finds itself behind its own anchor, sends nothing, and goes on under a
// successor log once two admins have said so.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import type { Reader } from '../../platform/journal.ts';
import { Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { eventually, startConsortium, type Member } from '../support/live-consortium.ts';
import { decideRound, PASSWORD } from '../support/people.ts';
import { refusalOf } from '../support/signing-member.ts';

const IDS = ['alpha', 'beta', 'gamma'];
const study = smallStudy(['cohort', { least: 3, quorum: 2 }], ['rounds', 4]);
const rows = Object.fromEntries(IDS.map((id, at) => [id, rowsCsv(40 + at)]));

const kinds = (read: Reader) =>
  read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);
const count = (read: Reader, kind: string) => kinds(read).filter((each) => each === kind).length;

function approve({ calls }: Member, round: number): Promise<unknown> {
  const name = { study: study.id, round, attempt: 1 };
  return decideRound(calls, name, Decision.APPROVE);
}
const stageOf = async ({ calls }: Member, round: number) =>
  (await calls.listRounds({ study: study.id })).rounds.find(({ name }) => name!.round === round)?.stage;

test(
  'a week-old backup restored: the node finds itself behind, sends nothing, and a successor log goes on',
  { timeout: 240_000 },
  async () => {
    const consortium = await startConsortium({
      study,
      rows,
      policy: false,
      people: ['ada', 'eve', 'sam', 'ann', 'bob'],
    });
    const { folder, members, until } = consortium;
    const [alpha, beta, gamma] = members as [Member, Member, Member];
    const backup = join(folder, 'backup-of-alpha');
    const anchorOf = async ({ calls }: Member) => (await calls.getStatus({})).anchor!;
    const intended = () =>
      alpha.node.store.journal.read.all<{ purpose: string }>(
        "select purpose from outbox where state = 'intended' order by id",
      );
    const decisions = () =>
      consortium.coordinator.store.journal.read.get<{ n: number }>(
        "select count(*) as n from decision where member = 'alpha'",
      )!.n;
    await eventually(async () => (await stageOf(alpha, 1)) === 'awaiting');
    await eventually(async () => (await anchorOf(alpha)).by.length === 3);
    // The backup is made while the coordinator is down: round 1 is approved, and that waits to be sent.
    await consortium.restartCoordinator(async () => {
      await approve(alpha, 1);
      expect(intended()).toHaveLength(1);
      await alpha.restart(() => cpSync(alpha.home, backup, { recursive: true }));
    });
    const first = await anchorOf(alpha);

    // A week goes by: two rounds are done, and the third waits for people.
    for (const round of [1, 2])
      for (const member of round === 1 ? [beta, gamma] : members) {
        await eventually(async () => (await stageOf(member, round)) === 'awaiting');
        await approve(member, round);
      }
    await eventually(async () => (await stageOf(alpha, 3)) === 'awaiting');
    const { read: before } = alpha.node.store.journal;
    const size = before.get<{ size: number }>('select max(size) as size from checkpoint')!.size;
    await eventually(async () => {
      const { by, size: anchored } = await anchorOf(alpha);
      return by.length === 3 && Number(anchored) === size;
    });
    const last = await anchorOf(alpha);
    expect(decisions()).toBe(2);

    await alpha.restart(() => {
      rmSync(alpha.home, { recursive: true });
      cpSync(backup, alpha.home, { recursive: true });
    });
    await eventually(async () => (await anchorOf(alpha)).code !== '');
    const anchor = await anchorOf(alpha);
    expect(anchor).toMatchObject({ origin: last.origin, code: 'LOG_BEHIND' });
    expect(anchor.message).toContain(`has cosigned ${last.size} records`);
    expect(alpha.said.join('\n')).toContain('put back from a backup');

    // It listens on, and decides, trains and sends nothing.
    await eventually(async () => (await stageOf(alpha, 3)) === 'awaiting');
    expect(await refusalOf(approve(alpha, 3))).toBe('LOG_BEHIND');
    expect(await refusalOf(alpha.calls.signPolicy({ study: study.id, password: PASSWORD }))).toBe('LOG_BEHIND');
    const { read } = alpha.node.store.journal;
    expect(decisions()).toBe(2);
    expect(intended().map(({ purpose }) => purpose)).toEqual(['decision']);
    expect([count(read, 'approval.granted'), count(read, 'training.started'), count(read, 'update.sent')]).toEqual([
      1, 0, 0,
    ]);
    expect(count(read, 'log.behind')).toBe(1);
    // Those who have cosigned more say so, once.
    for (const log of [
      consortium.coordinator.store.journal.read,
      beta.node.store.journal.read,
      gamma.node.store.journal.read,
    ])
      await eventually(async () => count(log, 'log.alarm') === 1);
    expect((await consortium.admin.listAnchors({})).alarms).toMatchObject([{ member: 'alpha', why: 'smaller' }]);
    // And after another start it still knows.
    await alpha.restart();
    expect((await alpha.calls.getStatus({})).anchor!.code).toBe('LOG_BEHIND');

    const { journal } = alpha.node.store;
    const offer = (await alpha.calls.listAnchors({})).successor!;
    expect(offer.statement).toContain(`have cosigned ${last.size} records`);
    const { anchored } = offer;
    const eve = { login: 'eve', password: PASSWORD };
    const asked = { anchored, password: PASSWORD, second: eve };
    const refused = (o: Partial<typeof asked>) => refusalOf(alpha.calls.startSuccessor({ ...asked, ...o }));
    expect(await refusalOf(alpha.calls.startSuccessor({ anchored, password: PASSWORD }))).toBe('ADMINS_NEEDED');
    expect(await refused({ second: { ...eve, login: 'ada' } })).toBe('ADMINS_NEEDED');
    expect(await refused({ second: { ...eve, login: 'ann' } })).toBe('ROLE_MISSING');
    expect(await refused({ second: { ...eve, password: 'another password' } })).toBe('PASSWORD_WRONG');
    expect(await refused({ anchored: anchored - 1n })).toBe('ANCHOR_MOVED');
    expect((await alpha.calls.getStatus({})).anchor!.code).toBe('LOG_BEHIND');
    const position = journal.size();
    const successor = await alpha.calls.startSuccessor(asked);
    expect(await refused({})).toBe('LOG_NOT_BEHIND');
    expect(successor.kept).toBe(first.size);
    const [record] = journal.read.all<{ position: number; bytes: Buffer }>(
      "select position, bytes from record where kind = 'log.succeeded'",
    );
    expect(record!.position).toBe(position);
    expect(JSON.parse(record!.bytes.toString('utf8'))).toMatchObject({
      detail: { origin: successor.origin, predecessor: { origin: last.origin, size: Number(last.size) } },
    });

    // What waited to be sent is given up: it may have arrived in the time that was lost.
    expect(kinds(journal.read).slice(position, position + 3)).toEqual([
      'log.succeeded',
      'message.refused',
      'round.failed',
    ]);

    // The others learn of it and witness it; the round that it could not take part in goes on without it, the next with it.
    await eventually(async () => (await alpha.calls.getStatus({})).anchor!.by.length === 3);
    expect((await alpha.calls.getStatus({})).anchor).toMatchObject({ origin: successor.origin, code: '' });
    for (const member of [beta, gamma]) await approve(member, 3);
    await eventually(async () => (await stageOf(alpha, 4)) === 'awaiting');
    for (const member of members) await approve(member, 4);
    const ended = await until(({ state }) => state === 'finished');
    expect(ended.results.map(({ participants }) => participants)).toEqual([IDS, IDS, ['beta', 'gamma'], IDS]);
    expect(count(consortium.coordinator.store.journal.read, 'member.succeeded')).toBe(1);

    const out = join(folder, 'audit');
    expect(await exportFolder(alpha.calls, out)).toMatchObject({ missing: [] });
    expect(await verifyCommand([out, '--policy', join(out, 'trust.policy')])).toMatchObject({ code: 0 });
    // What is left of the log before stays readable, up to where it was anchored.
    const old = join(folder, 'old');
    const exported = await exportFolder(alpha.calls, old, { origin: last.origin });
    expect(exported.size).toBe(first.size);
    expect(await verifyCommand([old, '--policy', join(old, 'trust.policy')])).toMatchObject({ code: 0 });
    expect(await refusalOf(exportFolder(alpha.calls, old, { origin: 'assent/other' }))).toBe('LOG_UNKNOWN');
  },
);

test(
  'a coordinator that was put back from a backup: every institution refuses its log, says so, and has it on record once',
  { timeout: 120_000 },
  async () => {
    const consortium = await startConsortium({ study, rows, policy: false });
    const { folder, members } = consortium;
    const home = join(folder, 'coordinator');
    const backup = join(folder, 'backup-of-coordinator');
    const anchor = async () => (await consortium.admin.getStatus({})).anchor!;
    await eventually(async () => (await anchor()).by.length === 3);
    await consortium.restartCoordinator(async () => cpSync(home, backup, { recursive: true }));
    // Right after its start it waits for its witnesses to be there.
    const exported = await consortium.admin.exportLog({ folder: join(folder, 'audit') });
    expect(exported).toMatchObject({ anchoredBy: IDS, missing: [] });

    await consortium.restartCoordinator(async () => {
      rmSync(home, { recursive: true });
      cpSync(backup, home, { recursive: true });
    });
    for (const { node, calls, said } of members) {
      await eventually(async () => (await calls.listAnchors({})).alarms.length > 0);
      expect((await calls.listAnchors({})).alarms).toMatchObject([{ member: 'coordinator', why: 'smaller' }]);
      expect(said.join('\n')).toContain('ALARM: the log of coordinator shows');
      expect(count(node.store.journal.read, 'log.alarm')).toBe(1);
    }
    await eventually(async () => (await anchor()).code === 'LOG_BEHIND');
    const again = consortium.admin.startStudy({ definition: JSON.stringify({ ...study, id: 'other' }) });
    expect(await refusalOf(again)).toBe('LOG_BEHIND');
    expect(await refusalOf(consortium.admin.invite({ member: 'delta', name: 'Delta' }))).toBe('LOG_BEHIND');
    // What members decide meanwhile waits with them.
    await approve(members[0]!, 1);
    const { read } = members[0]!.node.store.journal;
    await eventually(async () => (await members[0]!.calls.getStatus({})).message.includes('has cosigned'));
    expect(read.all("select purpose from outbox where state = 'refused'")).toEqual([]);
  },
);
