import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import * as journal from '../../../platform/journal-schema.ts';
import * as data from '../../../main/store/migrations/0002-data.ts';
import * as round from '../../../main/store/migrations/0003-round.ts';
import * as people from '../../../main/store/migrations/0006-people.ts';
import * as consent from '../../../main/store/migrations/0010-consent.ts';

test('a store of before approvals by several people keeps its rounds, what points to them, and the bytes of what was signed', () => {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  for (const { sql } of [journal, data, round, people]) db.exec(sql);
  db.exec(`
    insert into study (id, hash, bytes, signature, stage, phase) values ('s', 'h', x'01', x'02', 'joined', 'running');
    insert into round (study, round, attempt, plan, bytes, signature, stage, approval) values ('s', 1, 1, 'p', x'03', x'04', 'sent', 'a');
    insert into round (study, round, attempt, plan, bytes, signature, stage) values ('s', 2, 1, 'q', x'03', x'04', 'awaiting');
    insert into approval values ('a', 's', 1, 1, x'05', x'06', x'07', 'used');
    insert into policy values ('b', 's', x'08', x'09', x'0a', 'active');
    insert into outbox (id, purpose, record, bytes, signature, state, at) values (1, 'join', 'r', x'0b', x'0c', 'intended', 't');
    create table pointing (study text, round integer, attempt integer, foreign key (study, round, attempt) references round) strict;
    insert into pointing values ('s', 1, 1);
  `);
  db.transaction(() => db.exec(consent.sql))();
  expect(db.pragma('foreign_key_check')).toEqual([]);
  expect(db.prepare('select round, stage, approval, norm from round order by round').all()).toEqual([
    { round: 1, stage: 'sent', approval: 'a', norm: null },
    { round: 2, stage: 'awaiting', approval: null, norm: null },
  ]);
  expect(db.prepare('select hash, kind from signed_record order by hash').all()).toEqual([
    { hash: 'a', kind: 'approval' },
    { hash: 'b', kind: 'policy' },
  ]);
  expect(db.prepare('select id, purpose, state from outbox').all()).toEqual([
    { id: 1, purpose: 'join', state: 'intended' },
  ]);
  db.exec("update round set stage = 'releasing' where round = 2");
  db.exec(
    "insert into outbox (id, purpose, record, bytes, signature, state, at) values (2, 'leave', 'r', x'0b', x'0c', 'intended', 't')",
  );
  expect(() => db.exec("update round set stage = 'forgotten'")).toThrow(/CHECK/);
  expect(() => db.exec("insert into pointing values ('s', 9, 9)")).toThrow(/FOREIGN KEY/);
});
