import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { startConsortium } from '../support/live-consortium.ts';

const kindsOf = (log: { read: { all<T>(sql: string): T[] } }) =>
  log.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);

test(
  'one institution, one coordinator, three rounds: every step has its record, and both logs verify',
  { timeout: 60_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 1, quorum: 1 }]);
    const { folder, until, members, coordinator, admin } = await startConsortium({ study, rows: { alpha: rowsCsv() } });
    const status = await until(({ state }) => state === 'finished');
    expect(status.results.map(({ round, result, participants }) => [round, result, participants])).toEqual([
      [1, 'aggregated', ['alpha']],
      [2, 'aggregated', ['alpha']],
      [3, 'aggregated', ['alpha']],
    ]);
    const losses = status.results.map(({ metrics }) => Number(metrics['loss']));
    expect(losses[2]!).toBeLessThan(losses[0]!);
    expect(kindsOf(coordinator.store.journal).filter((kind) => kind === 'round.aggregated')).toHaveLength(3);

    const [alpha] = members;
    await exportFolder(alpha!.calls, join(folder, 'alpha-audit'));
    await admin.exportLog({ folder: join(folder, 'coordinator-audit') });
    for (const name of ['alpha-audit', 'coordinator-audit'])
      expect(await verifyCommand([join(folder, name)])).toMatchObject({ code: 0 });
  },
);
