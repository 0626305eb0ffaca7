import { describe, expect, it } from 'vitest';
import { admitted, gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';

describe('watching', () => {
  it('answers at once when there is something, and goes on after a sequence number', async () => {
    const consortium = await openConsortium();
    const [alpha] = await startedStudy(consortium, tinyStudy(), ['alpha', 'beta']);
    const all = await alpha!.events();
    expect(all.map(({ kind }) => kind.case)).toEqual(['directory', 'directory', 'study', 'studyState', 'plan']);
    expect((await alpha!.events(all[2]!.sequence)).map(({ kind }) => kind.case)).toEqual(['studyState', 'plan']);
    expect(await alpha!.events(all.at(-1)!.sequence)).toEqual([]);
  });

  it('waits for the next event, and is woken by it alone', async () => {
    const consortium = await openConsortium();
    const alpha = await admitted(consortium, 'alpha');
    const { sequence } = (await alpha.events())[0]!;
    const waiting = alpha.calls.watch({ after: sequence, waitSeconds: 30 });
    await consortium.admin.startStudy({ definition: JSON.stringify(tinyStudy()) });
    expect((await waiting).events.map(({ kind }) => kind.case)).toEqual(['study']);
  });

  it('ends empty when the time is over', async () => {
    const consortium = await openConsortium();
    const alpha = await admitted(consortium, 'alpha');
    const { sequence } = (await alpha.events())[0]!;
    const before = consortium.clock.waiting();
    const waiting = alpha.calls.watch({ after: sequence, waitSeconds: 25 });
    while (consortium.clock.waiting() === before) await new Promise(setImmediate);
    consortium.clock.advance(25_000);
    expect((await waiting).events).toEqual([]);
  });

  it('tells the operator each change as it comes', async () => {
    const consortium = await openConsortium();
    const [alpha, beta] = await startedStudy(consortium, tinyStudy(['rounds', 1]), ['alpha', 'beta']);
    const announced = await alpha!.plan();
    const seen: string[] = [];
    for await (const { studies } of consortium.admin.watchStatus({})) {
      const { state, waiting } = studies[0]!;
      seen.push(`${state} ${waiting.map(({ member, for: what }) => `${member}:${what}`).join(' ')}`.trim());
      if (seen.length === 1) await alpha!.contribute(announced, gradientBytes(1, 1));
      if (seen.at(-1) === 'running beta:approval') await beta!.contribute(announced, gradientBytes(1, 1));
      if (state === 'finished') break;
    }
    expect(seen[0]).toBe('running alpha:approval beta:approval');
    expect(seen).toContain('running beta:approval');
    expect(seen.at(-1)).toBe('finished');
  });
});
