import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance } from '../../coordinator/machine.ts';
import {
  startState,
  type Effect,
  type Rules,
  type StudyEvent,
  type StudyState,
} from '../../coordinator/study-state.ts';

const rules: Rules = { least: 3, quorum: 2, rounds: 2, approveMs: 100, sendMs: 200, stop: undefined };
const MEMBERS = ['a', 'b', 'c', 'd'];
const hashOf = (text: string) => text.padEnd(64, '0');

/** Events with the round that is open filled in. */
const decide = (
  member: string,
  decision: 'approve' | 'decline',
  round: number,
  attempt: number,
  at: number,
): StudyEvent => ({
  kind: 'decided',
  member,
  decision,
  round,
  attempt,
  plan: hashOf(`plan${round}-${attempt}`),
  approval: hashOf(`approval-${member}-${round}-${attempt}`),
  at,
});
const submit = (member: string, round: number, attempt: number, at: number, statement = 'first'): StudyEvent => ({
  kind: 'submitted',
  member,
  round,
  attempt,
  plan: hashOf(`plan${round}-${attempt}`),
  approval: hashOf(`approval-${member}-${round}-${attempt}`),
  update: { statement: hashOf(`${statement}-${member}`), blob: hashOf('blob'), bytes: 8, weight: 1, metrics: {} },
  at,
});

function play(events: readonly StudyEvent[], from: StudyState = startState(hashOf('m0')), by = rules) {
  const refusals: string[] = [];
  const effects: Effect[] = [];
  let state = from;
  for (const event of events) {
    const step = advance(by, state, event);
    if (step.refusal) refusals.push(step.refusal.code);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, refusals, effects, last: effects.at(-1) };
}

const opened: StudyEvent[] = [
  ...['c', 'a', 'b'].map((member): StudyEvent => ({ kind: 'joined', member, at: 0 })),
  { kind: 'opened', plan: hashOf('plan1-1'), at: 0 },
];

describe('the round machine', () => {
  it('opens the first round when enough members have joined, in the order of their ids', () => {
    expect(play(opened.slice(0, 2)).last).toBeUndefined();
    expect(play(opened.slice(0, 3)).last).toEqual({ kind: 'open', round: 1, attempt: 1, cohort: ['a', 'b', 'c'] });
    expect(play(opened).last).toEqual({ kind: 'wait', until: 100 });
  });

  it('aggregates when everybody has submitted, in member order', () => {
    const events = ['b', 'c', 'a'].flatMap((member) => [decide(member, 'approve', 1, 1, 1), submit(member, 1, 1, 2)]);
    const { last, refusals } = play([...opened, ...events]);
    expect(refusals).toEqual([]);
    expect(last).toMatchObject({
      kind: 'aggregate',
      participants: [{ member: 'a' }, { member: 'b' }, { member: 'c' }],
    });
  });

  it('waits for the deadline when a member vanishes, and goes on with the quorum', () => {
    const events = ['a', 'b', 'c'].map((member) => decide(member, 'approve', 1, 1, 1));
    const sent = [...opened, ...events, submit('a', 1, 1, 2), submit('b', 1, 1, 3)];
    expect(play(sent).last).toEqual({ kind: 'wait', until: 200 });
    expect(play([...sent, { kind: 'tick', at: 199 }]).last).toEqual({ kind: 'wait', until: 200 });
    expect(play([...sent, { kind: 'tick', at: 200 }]).last).toMatchObject({
      kind: 'aggregate',
      participants: [{ member: 'a' }, { member: 'b' }],
    });
  });

  it('counts members that have not decided in time as absent', () => {
    const two = [...opened, ...['a', 'b'].flatMap((m) => [decide(m, 'approve', 1, 1, 1), submit(m, 1, 1, 2)])];
    expect(play([...two, { kind: 'tick', at: 100 }]).last).toMatchObject({ kind: 'aggregate' });
    const one = play([...opened, decide('a', 'approve', 1, 1, 1), { kind: 'tick', at: 100 }]);
    expect(one.last).toMatchObject({
      kind: 'abort',
      round: { reason: '0 updates came and 1 could still come; 2 are needed' },
    });
    expect(play([decide('c', 'approve', 1, 1, 100)], play(opened).state).refusals).toEqual(['ROUND_CLOSED']);
  });

  it('gives a round up as soon as the quorum is out of reach, pauses, and opens the same round again', () => {
    const declined = play([...opened, decide('a', 'decline', 1, 1, 1), decide('b', 'decline', 1, 1, 2)]);
    expect(declined.last).toMatchObject({ kind: 'abort' });
    const paused = play([{ kind: 'aborted', at: 3 }], declined.state);
    expect(paused.state).toMatchObject({
      phase: 'paused',
      reason: '0 updates came and 1 could still come; 2 are needed',
      open: null,
    });
    const resumed = play([{ kind: 'resumed', at: 4 }], paused.state);
    expect(resumed.last).toEqual({ kind: 'open', round: 1, attempt: 2, cohort: ['a', 'b', 'c'] });
    const again = play([{ kind: 'opened', plan: hashOf('plan1-2'), at: 5 }], resumed.state);
    expect(play([submit('a', 1, 1, 6)], again.state).refusals).toEqual(['UPDATE_LATE']);
  });

  it('refuses what does not belong, and takes the same thing twice', () => {
    const approved = [...opened, decide('a', 'approve', 1, 1, 1)];
    const after = (...events: StudyEvent[]) => play(events, play(approved).state).refusals;
    expect(after(submit('b', 1, 1, 2))).toEqual(['APPROVAL_MISSING']);
    expect(after(submit('d', 1, 1, 2))).toEqual(['UPDATE_ROUND']);
    expect(after(submit('a', 2, 1, 2))).toEqual(['UPDATE_ROUND']);
    expect(after({ ...submit('a', 1, 1, 2), plan: hashOf('other') } as StudyEvent)).toEqual(['UPDATE_ROUND']);
    expect(after({ ...submit('a', 1, 1, 2), approval: hashOf('other') } as StudyEvent)).toEqual(['APPROVAL_MISMATCH']);
    expect(after(submit('a', 1, 1, 200))).toEqual(['UPDATE_LATE']);
    expect(after(submit('a', 1, 1, 2), submit('a', 1, 1, 3))).toEqual([]);
    expect(after(submit('a', 1, 1, 2), submit('a', 1, 1, 3, 'second'))).toEqual(['UPDATE_DUPLICATE']);
    expect(after(decide('a', 'approve', 1, 1, 3), submit('a', 1, 1, 4), decide('a', 'approve', 1, 1, 5))).toEqual([]);
    expect(after(submit('a', 1, 1, 2), decide('a', 'decline', 1, 1, 3))).toEqual(['ROUND_STATE']);
    const another = { ...decide('a', 'approve', 1, 1, 2), approval: hashOf('another') } as StudyEvent;
    expect(after(another)).toEqual(['ROUND_STATE']);
    // An approval can be taken back while nothing was sent; then nothing can be.
    expect(after(decide('a', 'decline', 1, 1, 2), submit('a', 1, 1, 3))).toEqual(['APPROVAL_MISSING']);
  });

  it('takes no answer to what it did not ask for', () => {
    const collecting = play(opened).state;
    const answers: StudyEvent[] = [
      { kind: 'aggregated', model: hashOf('m1'), metrics: {}, at: 1 },
      { kind: 'aborted', at: 1 },
      { kind: 'opened', plan: hashOf('plan1-2'), at: 1 },
      { kind: 'finished', at: 1 },
    ];
    const { state, refusals } = play(answers, collecting);
    expect(state).toBe(collecting);
    expect(refusals).toEqual(['ROUND_STATE', 'ROUND_STATE', 'ROUND_STATE', 'STUDY_STATE']);
  });

  it('drops what a removed member sent, but not once the round is being aggregated', () => {
    const sent = ['a', 'b', 'c'].map((m) => decide(m, 'approve', 1, 1, 1)).concat(submit('a', 1, 1, 2));
    const removed = play([
      ...opened,
      ...sent,
      { kind: 'removed', member: 'a', at: 3 },
      submit('b', 1, 1, 4),
      submit('c', 1, 1, 5),
    ]);
    expect(removed.last).toMatchObject({ kind: 'aggregate', participants: [{ member: 'b' }, { member: 'c' }] });
    const late = play([{ kind: 'removed', member: 'b', at: 6 }], removed.state);
    expect(late.last).toMatchObject({ kind: 'aggregate', participants: [{ member: 'b' }, { member: 'c' }] });
  });

  it('drops what a member sent that leaves, goes on without it, and takes it in again from the next round on', () => {
    const sent = ['a', 'b', 'c'].map((m) => decide(m, 'approve', 1, 1, 1)).concat(submit('a', 1, 1, 2));
    const left = play([...opened, ...sent, { kind: 'left', member: 'a', at: 3 }]);
    expect(left.state.open!.seats['a']).toMatchObject({ status: 'left', update: null });
    expect(left.state.joined).toEqual(['b', 'c']);
    const refused = advance(rules, left.state, submit('a', 1, 1, 4));
    expect(refused.refusal).toMatchObject({ code: 'STUDY_LEFT' });
    const back = play([{ kind: 'joined', member: 'a', at: 5 }, submit('b', 1, 1, 6), submit('c', 1, 1, 7)], left.state);
    expect(back.last).toMatchObject({ kind: 'aggregate', participants: [{ member: 'b' }, { member: 'c' }] });
    expect(back.state.joined).toEqual(['a', 'b', 'c']);
  });

  it('takes latecomers from the next round on, and ends after the last round', () => {
    const round = (n: number, members: string[], state: StudyState) =>
      play(
        [
          { kind: 'opened', plan: hashOf(`plan${n}-1`), at: 0 },
          ...members.flatMap((m) => [decide(m, 'approve', n, 1, 1), submit(m, n, 1, 2)]),
        ],
        state,
      ).state;
    const first = round(1, ['a', 'b', 'c'], play(opened.slice(0, 3)).state);
    const joined = play(
      [
        { kind: 'joined', member: 'd', at: 3 },
        { kind: 'aggregated', model: hashOf('m1'), metrics: {}, at: 4 },
      ],
      first,
    );
    expect(joined.last).toEqual({ kind: 'open', round: 2, attempt: 1, cohort: ['a', 'b', 'c', 'd'] });
    const ended = play(
      [{ kind: 'aggregated', model: hashOf('m2'), metrics: {}, at: 5 }],
      round(2, MEMBERS, joined.state),
    );
    expect(ended.last).toEqual({ kind: 'finish' });
    expect(play([{ kind: 'finished', at: 6 }], ended.state).state).toMatchObject({
      phase: 'finished',
      reason: 'all 2 rounds are done',
      model: hashOf('m2'),
    });
  });

  it('stops when the metric has not improved enough for as long as the stop rule says', () => {
    const stop = { metric: 'loss', leastImprovement: 0.1, patience: 2 } as const;
    let state = play(opened.slice(0, 3), undefined, { ...rules, rounds: 9, stop }).state;
    const phases: (string | null)[] = [];
    for (const [i, loss] of ['1.0', '0.85', '0.8', null, '0.79'].entries()) {
      const n = i + 1;
      const events: StudyEvent[] = [
        { kind: 'opened', plan: hashOf(`plan${n}-1`), at: 0 },
        ...['a', 'b', 'c'].flatMap((m) => [decide(m, 'approve', n, 1, 1), submit(m, n, 1, 2)]),
        { kind: 'aggregated', model: hashOf('m'), metrics: { loss }, at: 3 },
      ];
      state = play(events, state, { ...rules, rounds: 9, stop }).state;
      phases.push(state.next);
    }
    // 0.8 and 0.79 do not beat 0.85 by 0.1; a round without a loss says nothing.
    expect(phases).toEqual(['open', 'open', 'open', 'open', 'finish']);
    expect(state.reason).toBe('loss has not improved for 2 rounds');
  });

  it('aggregates a complete round when the operator pauses, and gives even that up when the operator stops', () => {
    const sent = ['a', 'b', 'c'].flatMap((m) => [decide(m, 'approve', 1, 1, 1), submit(m, 1, 1, 2)]);
    const { state } = play([...opened, ...sent]);
    expect(play([{ kind: 'paused', reason: 'p', at: 3 }], state).last).toMatchObject({ kind: 'aggregate' });
    expect(play([{ kind: 'stopped', reason: 's', at: 3 }], state).last).toMatchObject({
      kind: 'abort',
      round: { reason: 'the study was stopped' },
    });
  });

  it('gives the open round up when the operator pauses or stops', () => {
    const paused = play([...opened, { kind: 'paused', reason: 'p', at: 1 }]);
    expect(paused.last).toMatchObject({ kind: 'abort', round: { reason: 'the study was paused' } });
    expect(
      play(
        [
          { kind: 'aborted', at: 2 },
          { kind: 'resumed', at: 3 },
        ],
        paused.state,
      ).last,
    ).toMatchObject({ kind: 'open', round: 1, attempt: 2 });
    const stopped = play([...opened, { kind: 'stopped', reason: 's', at: 1 }, { kind: 'aborted', at: 2 }]);
    expect(stopped.state).toMatchObject({ phase: 'stopped', open: null, next: null });
    expect(
      play(
        [
          { kind: 'resumed', at: 3 },
          { kind: 'joined', member: 'z', at: 3 },
        ],
        stopped.state,
      ).refusals,
    ).toEqual(['STUDY_STATE', 'STUDY_STATE']);
  });
});

/** Anything that can be heard, in any order, with what the machine asks for done now and then. */
const heard = fc.oneof(
  fc.record({ kind: fc.constant('joined' as const), member: fc.constantFrom(...MEMBERS) }),
  fc.record({ kind: fc.constantFrom('removed' as const, 'left' as const), member: fc.constantFrom(...MEMBERS) }),
  fc.record({
    kind: fc.constantFrom('approve' as const, 'decline' as const),
    member: fc.constantFrom(...MEMBERS),
    back: fc.nat(1),
  }),
  fc.record({
    kind: fc.constant('submit' as const),
    member: fc.constantFrom(...MEMBERS),
    statement: fc.constantFrom('first', 'second'),
    back: fc.nat(1),
  }),
  fc.record({ kind: fc.constantFrom('pass' as const), ms: fc.integer({ min: 0, max: 120 }) }),
  fc.record({ kind: fc.constantFrom('paused' as const, 'resumed' as const) }),
  fc.record({ kind: fc.constant('perform' as const) }),
);

describe('whatever the order of events, the round machine', () => {
  it('counts each participant once, never fewer than the quorum, each round at most once, and never goes back', () => {
    fc.assert(
      fc.property(fc.array(heard, { minLength: 20, maxLength: 120 }), (events) => {
        let state = startState(hashOf('m0'));
        let now = 0;
        const aggregated = new Set<string>();
        let position = -1;
        const happen = (event: StudyEvent) => {
          const before = JSON.stringify(state);
          const step = advance(rules, state, event);
          expect(JSON.stringify(state)).toBe(before);
          state = JSON.parse(JSON.stringify(step.state)) as StudyState;
        };
        for (const event of events) {
          const round = state.open?.round ?? 1;
          const attempt = state.open?.attempt ?? 1;
          if (event.kind === 'joined' || event.kind === 'removed' || event.kind === 'left')
            happen({ ...event, at: now });
          else if (event.kind === 'approve' || event.kind === 'decline')
            happen(decide(event.member, event.kind, round, attempt - event.back, now));
          else if (event.kind === 'submit')
            happen(submit(event.member, round, attempt - event.back, now, event.statement));
          else if (event.kind === 'pass') happen({ kind: 'tick', at: (now += event.ms) });
          else if (event.kind === 'paused') happen({ kind: 'paused', reason: 'p', at: now });
          else if (event.kind === 'resumed') happen({ kind: 'resumed', at: now });
          else {
            const [effect] = advance(rules, state, { kind: 'tick', at: now }).effects;
            happen({ kind: 'tick', at: now });
            if (effect?.kind === 'open')
              happen({ kind: 'opened', plan: hashOf(`plan${effect.round}-${effect.attempt}`), at: now });
            if (effect?.kind === 'abort') happen({ kind: 'aborted', at: now });
            if (effect?.kind === 'finish') happen({ kind: 'finished', at: now });
            if (effect?.kind === 'aggregate') {
              const { participants } = effect;
              const members = participants.map(({ member }) => member);
              expect(members).toEqual([...new Set(members)].sort());
              expect(members.length).toBeGreaterThanOrEqual(rules.quorum);
              for (const member of members) expect(effect.round.seats[member]?.status).toBe('submitted');
              expect(aggregated.has(`${effect.round.round}`)).toBe(false);
              aggregated.add(`${effect.round.round}`);
              happen({ kind: 'aggregated', model: hashOf('m'), metrics: {}, at: now });
            }
          }
          const next = state.done * 1e6 + state.attempts;
          expect(next).toBeGreaterThanOrEqual(position);
          position = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('aggregates the same whatever the order of arrival', () => {
    const members = ['a', 'b', 'c'];
    const arrivals = fc.shuffledSubarray(members, { minLength: 3 });
    fc.assert(
      fc.property(arrivals, arrivals, (approvals, updates) => {
        const events = [
          ...approvals.map((m) => decide(m, 'approve', 1, 1, 1)),
          ...updates.map((m) => submit(m, 1, 1, 1)),
        ];
        const { last } = play([...opened, ...events]);
        expect(last).toMatchObject({ kind: 'aggregate' });
        expect((last as Extract<Effect, { kind: 'aggregate' }>).participants.map(({ member }) => member)).toEqual(
          members,
        );
      }),
    );
  });
});
