import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStore, openStore } from '../../coordinator/store/open.ts';
import type { StudyState } from '../../coordinator/study-state.ts';
import { openResults } from '../../coordinator/status.ts';
import { planRecord } from '../../shared/records/round.ts';
import { gradientBytes, openConsortium, PASSPHRASE, startedStudy, tinyStudy } from '../support/open-consortium.ts';
import { temporaryFolder } from '../support/temporary.ts';

const idOf = (i: number) => `institution-${String(i).padStart(4, '0')}-${'x'.repeat(40)}`;

describe('a study', () => {
  it('with 600 members opens a round and aggregates it', async () => {
    const consortium = await openConsortium();
    await startedStudy(consortium, tinyStudy(['cohort', { least: 600, quorum: 600 }]), ['alpha']);
    const joined = Array.from({ length: 600 }, (_, i) => idOf(i));
    const change = (edit: (state: StudyState) => StudyState) =>
      consortium.coordinator.store.journal.transact('study.resume', (tx) => {
        const { state } = tx.get<{ state: string }>('select state from study')!;
        tx.run('update study set state = ?', JSON.stringify(edit(JSON.parse(state) as StudyState)));
        tx.append({ kind: 'study.resumed', study: 'tiny', detail: {} });
      });
    consortium.coordinator.store.journal.transact('member.admit', (tx) => {
      for (const id of joined)
        tx.run("insert into member (id, name, state, since) values (?, ?, 'admitted', '')", id, id);
      tx.append({ kind: 'study.resumed', study: 'tiny', detail: {} });
    });
    change((state) => ({ ...state, phase: 'running', joined, next: 'open' }));
    await consortium.restart();
    expect(consortium.details('round.opened')).toMatchObject([{ members: 600 }]);
    const { bytes } = consortium.coordinator.store.journal.read.get<{ bytes: Buffer }>('select bytes from round')!;
    expect(planRecord.decode(bytes).cohort).toEqual(joined);

    // All of them sent the same update, as if each were a file of its own.
    const { store } = consortium.coordinator;
    const update = gradientBytes(1, 1);
    const blob = await store.updates(idOf(0)).put(update);
    for (const id of joined.slice(1)) store.updates(id).readPart = store.updates(idOf(0)).readPart;
    const { conductor } = consortium.coordinator;
    const { open } = conductor.get('tiny').state;
    const { round, attempt, plan } = open!;
    for (const member of joined) {
      const about = { member, round, attempt, plan, approval: blob, at: consortium.clock.now() };
      conductor.note('tiny', { kind: 'decided', decision: 'approve', ...about });
      const sent = { statement: blob, blob, bytes: update.length, weight: 1, metrics: { loss: '0.5', auc: null } };
      conductor.note('tiny', { kind: 'submitted', update: sent, ...about });
    }
    conductor.recover();
    await consortium.idle();
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 600, metrics: { loss: '0.5' } }]);
  });

  it('has the results of its rounds read once each, however often its status is asked for', async () => {
    const consortium = await openConsortium();
    const members = await startedStudy(consortium, tinyStudy(), ['alpha', 'beta']);
    const { store } = consortium.coordinator;
    let rows = 0;
    const { read } = store.journal;
    const all = (<T>(sql: string, ...values: (string | number)[]): T[] => {
      const found = read.all<T>(sql, ...values);
      rows += found.length;
      return found;
    }) as typeof read.all;
    const results = openResults({ ...store, journal: { ...store.journal, read: { ...read, all } } });
    for (const round of [1, 2]) {
      const announced = await members[0]!.plan();
      for (const member of members) await member.contribute(announced, gradientBytes(1, 1));
      await consortium.idle();
      for (let i = 0; i < 5; i++) expect(results.of('tiny', 8).map((result) => result.round)).toHaveLength(round);
      expect(rows).toBe(round);
    }
  });
});

describe('the tables', () => {
  it.each([
    `select 1 from statement join round using (study, round, attempt)
       where member = ? and blob = ? and result is not 'aborted'`,
    'select member, blob from statement where study = ? and round = ? and attempt = ?',
    'select coalesce(sum(size), 0) as bytes from statement where study = ? and round = ? and attempt = ?',
    'select 1 from model join participant using (study) where sha256 = ? and participant.member = ?',
    'select count(*) as n from refusal where member = ? and about = ?',
    `select statement.position as accepted, round.position as aggregated from statement join round using (study, round, attempt)
     where study = ? and round = ? and attempt = ? and member = ? and result = 'aggregated'`,
    'select note from checkpoint where size > ? order by size desc limit ?',
    'select published.member as sender from published join round using (study, round, attempt) where published.blob = ?',
    'select sequence from event where kind = ?',
    `select round from round where study = ? and (round, attempt) > (?, ?) and result is not null order by round, attempt`,
  ])('answer without a scan: %s', async (sql) => {
    const { coordinator } = await openConsortium();
    const values = Array.from({ length: sql.split('?').length - 1 }, () => '1');
    const plan = coordinator.store.journal.read.all<{ detail: string }>(`explain query plan ${sql}`, ...values);
    expect(plan.map(({ detail }) => detail).filter((detail) => /SCAN|TEMP B-TREE/.test(detail))).toEqual([]);
  });
});

describe('the store', () => {
  it('closes its folder to others, whoever made it', async () => {
    const home = join(temporaryFolder(), 'home');
    const open = { home, passphrase: PASSPHRASE, now: Date.now };
    const mode = () => statSync(home).mode & 0o777;
    mkdirSync(home);
    chmodSync(home, 0o755);
    (await createStore({ ...open, consortium: 'test', name: 'Test' })).close();
    expect(mode()).toBe(0o700);
    chmodSync(home, 0o755);
    (await openStore(open)).close();
    expect(mode()).toBe(0o700);
  });
});
