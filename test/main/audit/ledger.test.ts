import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkedDays, dayNumber, sumDays } from '../../../main/audit/ledger-days.ts';
import { DAY_MS, dayOf, openLedger, outboundRows, type Ledger, type Sending } from '../../../main/audit/ledger.ts';
import type { NodeJournal } from '../../../main/store/open.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { outboundRow, PURPOSES, rowLine, type Purpose } from '../../../shared/records/ledger.ts';
import { encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import { ledgerHome } from '../../support/ledger-home.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const NOON = Date.parse('2026-01-02T12:00:00.000Z');
const BODY = encodeUtf8('what leaves');

/** A ledger whose clock a test sets. */
function home() {
  const clock = { now: NOON };
  const folder = temporaryFolder();
  const here = ledgerHome(() => clock.now, folder);
  const days = () => checkedDays(here.journal.read, 0, 100_000);
  const sum = () => sumDays({ journal: here.journal, now: () => clock.now });
  return { ...here, clock, days, sum, file: join(folder, 'assent.db') };
}

const request = { method: 'POST', url: 'https://coordinator.test/x', length: BODY.length };
function leave(ledger: Ledger, sending: Sending = { purpose: 'watch' }, bytes = BODY): number {
  const id = ledger.intend(request, sending);
  ledger.settle(id, { head: 300, body: bytes.length, sha256: sha256(bytes), status: 200, error: null });
  return id;
}

describe('rows', () => {
  it('are found by day, purpose and study, page by page', () => {
    const { ledger, clock, journal } = home();
    for (const purpose of ['watch', 'update', 'watch'] as const) {
      leave(ledger, { purpose });
      leave(ledger, { purpose, study: 'small', round: 1, attempt: 1 });
      clock.now += DAY_MS;
    }
    const [first, second, third] = ['2026-01-02', '2026-01-03', '2026-01-04'].map(dayNumber) as [
      number,
      number,
      number,
    ];
    const ids = (wanted: object) => outboundRows(journal.read, { after: 0, limit: 10, ...wanted }).map(({ id }) => id);
    expect(ids({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(ids({ from: second })).toEqual([3, 4, 5, 6]);
    expect(ids({ to: second })).toEqual([1, 2, 3, 4]);
    expect(ids({ from: second, to: second })).toEqual([3, 4]);
    expect(ids({ from: third + 1 })).toEqual([]);
    expect(ids({ to: first - 1 })).toEqual([]);
    expect(ids({ purpose: 'update' })).toEqual([3, 4]);
    expect(ids({ study: 'small' })).toEqual([2, 4, 6]);
    expect(ids({ study: 'small', purpose: 'watch', from: second })).toEqual([6]);
    expect(ids({ limit: 4 })).toEqual([1, 2, 3, 4]);
    expect(ids({ after: 4, limit: 4 })).toEqual([5, 6]);
    expect(ids({ newestFirst: true, limit: 4 })).toEqual([6, 5, 4, 3]);
    expect(ids({ newestFirst: true, after: 3, limit: 4 })).toEqual([2, 1]);
    expect(ids({ newestFirst: true, after: 4, from: second, to: second })).toEqual([3]);
    for (const row of outboundRows(journal.read, { after: 0, limit: 10 })) outboundRow.parse(row);
  });

  it('are on the disk before what people decided leaves, and do not wait for the disk otherwise', () => {
    const { journal } = home();
    const steps: string[] = [];
    const watched: NodeJournal = {
      ...journal,
      transact(step, change) {
        steps.push(step);
        return journal.transact(step, change);
      },
    };
    const ledger = openLedger({ journal: watched, now: () => NOON });
    const stepFor = (purpose: Purpose, length: number) => {
      ledger.intend({ ...request, length }, { purpose });
      return steps.pop();
    };
    expect(PURPOSES.filter((purpose) => stepFor(purpose, 1) === 'ledger.intend')).toEqual([
      'enrolment',
      'join',
      'leave',
      'decision',
      'update',
    ]);
    expect(stepFor('update', 0)).toBe('ledger.note'); // asks how far an upload got
  });

  it('are settled once, and kept until their day is on record', async () => {
    const { ledger, journal, clock, sum } = home();
    leave(ledger);
    const step = (sql: string) => () => journal.transact('ledger.note', (tx) => tx.run(sql));
    expect(step('update outbound set body = 0')).toThrow('not changed afterwards');
    expect(step('delete from outbound')).toThrow('kept until it is summed');
    clock.now += DAY_MS;
    await sum();
    expect(step('update outbound set body = 0')).toThrow('not changed afterwards');
    expect(step('delete from outbound')().changes).toBe(1);
  });

  it('that a program left open when it died count in full, as interrupted', async () => {
    const { ledger, journal, rows, clock, sum, days } = home();
    leave(ledger);
    ledger.intend({ ...request, length: 1000 }, { purpose: 'update' });
    clock.now += DAY_MS;
    await sum();
    expect((await days()).map(({ state }) => state)).toEqual(['open']); // it waits
    openLedger({ journal, now: () => clock.now });
    expect(rows()[1]).toMatchObject({ head: null, body: 1000, sha256: null, status: null, error: 'INTERRUPTED' });
    await sum();
    expect(await days()).toMatchObject([{ state: 'summed', rows: 2, bytes: 300 + BODY.length + 1000, interrupted: 1 }]);
  });
});

describe('a day', () => {
  it('is summed in one record once it is over, with the hash of its lines', async () => {
    const { ledger, journal, rows, clock, sum, days } = home();
    leave(ledger);
    leave(ledger, { purpose: 'update', study: 'small', round: 1, attempt: 1, message: 4, start: 20 });
    leave(ledger);
    await sum();
    expect(journal.size()).toBe(0);
    expect(await days()).toMatchObject([{ day: '2026-01-02', state: 'open', rows: 3 }]);
    clock.now += 3 * DAY_MS; // two days on which nothing left
    await sum();
    await sum();
    const lines = Buffer.concat(rows().map(rowLine));
    expect(lines.toString('utf8').split('\n')[1]).toBe(
      '{"at":"2026-01-02T12:00:00.000Z","attempt":1,"body":11,"error":null,"head":300,"id":2,"message":4,"method":"POST","purpose":"update","round":1,"settled":"2026-01-02T12:00:00.000Z","sha256":"' +
        `${toHex(sha256(BODY))}","start":20,"status":200,"study":"small","try":1,"url":"https://coordinator.test/x"}`,
    );
    const detail = {
      day: '2026-01-02',
      rows: 3,
      bytes: 933,
      interrupted: 0,
      sha256: toHex(sha256(lines)),
      purposes: [
        { purpose: 'watch', rows: 2, bytes: 622 },
        { purpose: 'update', rows: 1, bytes: 311 },
      ],
    };
    const records = journal.read.all<{ bytes: Buffer }>('select bytes from record');
    expect(records.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as unknown)).toEqual([
      { v: 1, at: '2026-01-05T12:00:00.000Z', kind: 'ledger.summed', detail },
    ]);
    expect(await days()).toEqual([{ ...detail, state: 'summed' }]);
  });

  it('whose rows are changed, cut out or added afterwards differs from its record', async () => {
    const { ledger, clock, sum, days, file } = home();
    const states = async () => (await days()).map(({ state }) => state);
    for (let day = 0; day < 5; day++) {
      leave(ledger);
      leave(ledger);
      clock.now += DAY_MS;
    }
    await sum();
    expect(await states()).toEqual(Array(5).fill('summed'));
    const store = new Database(file);
    store.exec('drop trigger outbound_is_settled_once');
    store.exec('update outbound set body = body - 1 where id = 1');
    store.exec('delete from outbound where id = 4');
    store.exec('update outbound set day = day + 1 where id = 6'); // from the third to the fourth
    store.exec('delete from outbound where id in (9, 10)');
    store.close();
    expect(await states()).toEqual(Array(5).fill('differs'));
  });

  it('is not opened again by a clock that is set back', async () => {
    const { ledger, clock, sum, days, journal } = home();
    leave(ledger);
    clock.now += DAY_MS;
    await sum();
    clock.now -= 5 * DAY_MS;
    leave(ledger);
    expect(journal.read.all('select day from outbound')).toEqual([{ day: dayOf(NOON) }, { day: dayOf(NOON) + 1 }]);
    clock.now += 7 * DAY_MS;
    await sum();
    expect((await days()).map(({ day, state, rows }) => [day, state, rows])).toEqual([
      ['2026-01-02', 'summed', 1],
      ['2026-01-03', 'summed', 1],
    ]);
  });

  it.each(['2026-1-2', '2026-02-30', '', '2026-01-02T00:00:00Z', 'yesterday'])('is not called %j', (name) => {
    expect(() => dayNumber(name)).toThrow('A day is given as 2026-01-31');
  });
});
