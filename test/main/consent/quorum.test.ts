// Whatever people do in whatever order: what the store says of a round against a model of a few lines.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addPerson, changeRoles } from '../../../main/people/accounts.ts';
import type { RoundKey } from '../../../main/stages.ts';
import { AssentError } from '../../../shared/errors.ts';
import { approvedHere, consentOf, decides, revokes, rowOf, tamper, typing } from '../../support/deciding.ts';
import { institution } from '../../support/institution.ts';
import { EASY_RULES, PASSWORD } from '../../support/people.ts';

const PEOPLE = ['ann', 'bob', 'kim'] as const;
type Who = (typeof PEOPLE)[number];
const NEEDED = 2;
const HOUR = 3600_000;

const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('approve' as const), who: fc.constantFrom(...PEOPLE) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const), who: fc.constantFrom(...PEOPLE) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('revoke' as const), who: fc.constantFrom(...PEOPLE) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('role' as const), who: fc.constantFrom(...PEOPLE) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), who: fc.constantFrom(...PEOPLE) }) },
);

/** What a round must come to, in words of its own: who approved and took nothing back, who may, and what time it is. */
function model(started: number, now: () => number, may: Set<Who>) {
  const approved = new Set<Who>();
  let stage: 'awaiting' | 'approved' | 'declined' | 'revoked' = 'awaiting';
  let completing: Who | undefined;
  const counting = () => [...approved].filter((who) => may.has(who));
  return {
    does(kind: 'approve' | 'decline' | 'revoke', who: Who): boolean {
      if (!may.has(who)) return false;
      if (kind === 'revoke') {
        if (stage === 'awaiting') return approved.delete(who);
        if (stage !== 'approved') return false;
        stage = 'revoked';
        return true;
      }
      if (stage !== 'awaiting' || counting().includes(who)) return false;
      if (kind === 'decline') {
        stage = 'declined';
        return true;
      }
      if (now() >= started + HOUR / 2) return false;
      approved.add(who);
      if (counting().length >= NEEDED) [stage, completing] = ['approved', who];
      return true;
    },
    stage: () => stage,
    /** Whether it may be trained for now. */
    open: () => stage === 'approved' && may.has(completing!) && counting().length >= NEEDED && now() < started + HOUR,
  };
}

test(
  'a round is approved exactly when enough different people have, who all still may, and nobody took it back',
  { timeout: 240_000 },
  async () => {
    const here = await institution({ rules: { ...EASY_RULES, approvals: NEEDED } });
    const admin = await typing(here, 'ada');
    await addPerson(consentOf(here), { login: 'kim', name: 'Kim', roles: ['approver'], password: PASSWORD }, admin);
    const may = new Set<Who>(PEOPLE);
    let round = 0;

    const offer = (): RoundKey => {
      round += 1;
      const { event, hash } = here.coordinator.plan(here.study, ['alpha', 'beta'], { round });
      const { record, signature } = event.kind.value!;
      tamper(here, (tx) =>
        tx.run(
          "insert into round (study, round, attempt, plan, bytes, signature, stage) values ('small', ?, 1, ?, ?, ?, 'awaiting')",
          round,
          hash,
          record,
          signature,
        ),
      );
      return { study: 'small', round, attempt: 1 };
    };
    const succeeds = async (work: () => Promise<unknown>) => {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof AssentError) return false;
        throw error;
      }
    };

    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
        const key = offer();
        const expected = model(here.clock.now(), here.clock.now, may);
        for (const { kind, who } of acts) {
          if (kind === 'wait') here.clock.advance(HOUR / 4);
          else if (kind === 'role') {
            if (!may.delete(who)) may.add(who);
            changeRoles(consentOf(here), who, [may.has(who) ? 'approver' : 'steward'], admin);
          } else {
            const done = await succeeds(() =>
              kind === 'revoke' ? revokes(here, who, key) : decides(here, who, { decision: kind }, key),
            );
            expect([kind, who, done]).toEqual([kind, who, expected.does(kind, who)]);
          }
          expect(rowOf(here, key).stage).toBe(expected.stage());
          expect(await succeeds(async () => approvedHere(here, key))).toBe(expected.open());
        }
      }),
      { numRuns: 60 },
    );
  },
);
