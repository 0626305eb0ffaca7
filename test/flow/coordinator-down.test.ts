import { expect, test } from 'vitest';
import { handClock } from '../support/hand-clock.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { eventually, startConsortium } from '../support/live-consortium.ts';
import { signPolicy } from '../support/people.ts';

const kindsOf = (log: { read: { all<T>(sql: string): T[] } }) =>
  log.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);

test(
  'with the coordinator down for a minute the node waits and says so, and nothing is lost',
  { timeout: 60_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 1, quorum: 1 }]);
    const clock = handClock(Date.now());
    const consortium = await startConsortium({ study, rows: { alpha: rowsCsv() }, policy: false, options: { clock } });
    const [alpha] = consortium.members;
    const { calls, said } = alpha!;
    await eventually(async () => (await calls.listRounds({})).rounds.length === 1);

    await consortium.restartCoordinator(async () => {
      // What is decided meanwhile is done as far as it can be done here.
      await signPolicy(calls, { study: study.id });
      await eventually(async () => (await calls.listRounds({})).rounds[0]!.stage === 'awaiting' || clock.waiting() > 0);
      for (let second = 0; second < 60; second++) {
        const before = said.length;
        await eventually(async () => clock.waiting() > 0 || said.length > before);
        clock.advance(1000);
      }
      const status = await calls.getStatus({});
      expect(status.reachable).toBe(false);
      expect(status.message).toMatch(/does not answer.*again in \d+ s/s);
      expect(said.filter((line) => line.includes('does not answer')).length).toBeGreaterThan(3);
    });
    // The longest pause between two attempts is ten seconds, in the watching and in the sending loop.
    for (let pause = 0; pause < 2; pause++) {
      await eventually(async () => clock.waiting() > 0 || said.includes('The coordinator answers.'));
      clock.advance(10_000);
    }
    const ended = await consortium.until(({ state }) => state === 'finished');

    expect(said).toContain('The coordinator answers.');
    expect(ended.results.map(({ result, participants }) => [result, participants])).toEqual([
      ['aggregated', ['alpha']],
      ['aggregated', ['alpha']],
      ['aggregated', ['alpha']],
    ]);
    const kinds = kindsOf(alpha!.node.store.journal);
    for (const kind of ['approval.granted', 'training.started', 'training.finished', 'update.intended', 'update.sent'])
      expect([kind, kinds.filter((each) => each === kind).length]).toEqual([kind, 3]);
  },
);
