// Logs as an honest node writes them, and one dishonest step each: the verifier of sense names the record.
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../../shared/records/audit.ts';
import { lineInWords } from '../../../../shared/transparency/sense/lines.ts';
import { expectSound, expectWrong, judged } from '../../../support/judging.ts';
import {
  actor,
  ada,
  ann,
  ben,
  bob,
  cyd,
  hashOf,
  keyOf,
  type NodeLog,
  sam,
  updateOf,
} from '../../../support/node-log.ts';

const HOUR = 3600_000;
const one = keyOf(1);

const withRoles = (...roles: Parameters<typeof actor>[1][]) => actor('Eve', ...roles);

describe('a sound log', () => {
  test('of rounds by people, by a policy, declined and left open', async () => {
    await expectSound(
      (log) => {
        log.founded();
        log.round(one);
        const policy = log.policy('small', [ann, bob]);
        log.automaticRound(keyOf(2), policy);
        log.offered(keyOf(3));
        log.decided(keyOf(3), ann, { decision: 'decline' });
        log.round(keyOf(4), cyd, ann);
        log.offered(keyOf(5));
      },
      [
        [1, 'sent'],
        [2, 'sent'],
        [3, 'declined'],
        [4, 'sent'],
        [5, 'open'],
      ],
    );
  });

  test('with three people a round, and a release that two more signatures cover', async () => {
    await expectSound(
      (log) => {
        log.founded();
        log.rules(3, [ada, ben]);
        log.offered(one);
        const given = [ann, bob, cyd].reduce<ReturnType<NodeLog['decided']>[]>(
          (prior, by) => [...prior, log.decided(one, by, { prior, needed: 3 })],
          [],
        );
        log.trained(given[2]!);
        log.sealed(given[2]!);
        log.releaseRequested(one);
        const { blob, bytes } = updateOf(one);
        const update = { blob, bytes, norm: '4.5' };
        [ann, bob, cyd].reduce<ReturnType<NodeLog['decided']>[]>(
          (prior, by) => [...prior, log.decided(one, by, { prior, needed: 3, update })],
          [],
        );
        log.left('update.intended', given[2]!);
        log.left('update.sent', given[2]!);
      },
      [[1, 'sent']],
    );
  });

  test('where a forgotten key was replaced by two admins: what the old one signed still holds', async () => {
    await expectSound(
      (log) => {
        log.founded();
        log.round(one);
        const renewed = { ...actor('Ann again', 'approver'), id: ann.id, name: ann.name };
        log.account('issue-key', renewed, [ada, ben], { retired: ann.key });
        log.round(keyOf(2), renewed, bob);
      },
      [
        [1, 'sent'],
        [2, 'sent'],
      ],
    );
  });

  test('of a single admin who said so', async () => {
    await expectSound(
      (log) => {
        log.created();
        log.account('set-up', ada, [ada]);
        log.singleAdmin(ada);
        log.rules(1, [ada]);
        for (const person of [sam, ann]) log.account('add', person, [ada]);
        log.enrolled();
        log.decideStudy('join', 'small', sam);
        log.offered(one);
        log.carriedOut(log.decided(one, ann, { needed: 1 }));
      },
      [[1, 'sent']],
    );
  });

  test('of a person deactivated after approving: the approval was given when it could be', async () => {
    await expectSound(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob);
        log.account('deactivate', { ...ann, roles: [] }, [ada]);
        log.carriedOut(given[1]!);
      },
      [[1, 'sent']],
    );
  });

  test('says each round in one line, with people and keys', async () => {
    const { rounds } = await judged((log) => log.founded().round(one));
    expect(rounds.map(lineInWords)).toEqual([
      `ok        round 1 of small: sent, 992 bytes; approved by ${ann.id} with key ${ann.key.slice(0, 16)} and ${bob.id} with key ${bob.key.slice(0, 16)}`,
    ]);
  });
});

describe('an update that left', () => {
  const approvalsCut = (lost: number) => {
    let seen = 0;
    return (entry: AuditEntry) => (entry.kind === 'approval.granted' && ++seen === lost ? null : entry);
  };

  test.each([1, 2])('without approval %i, cut out of a log that was then signed again, fails', async (lost) => {
    const { result, rounds } = await judged((log) => log.founded().round(one), approvalsCut(lost));
    const findings = result.ok ? [] : (result.sense?.findings ?? []);
    expect(result.ok).toBe(false);
    expect(findings.map(({ message }) => message).join('\n')).toContain('with 1 of 2 approvals');
    expect(rounds).toMatchObject([{ round: 1, verdict: 'failed', outcome: 'sent' }]);
  });

  test('with one approval where two are asked fails at the update', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.carriedOut(log.approvedBy(one, ann)[0]!);
      },
      'update.intended',
      'with 1 of 2 approvals',
    );
  });

  test('with none fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.carriedOut({ ...one, hash: hashOf('nothing') });
      },
      'update.intended',
      'with 0 of 2 approvals',
    );
  });

  test('approved twice by the same person fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.carriedOut(log.approvedBy(one, ann, ann)[1]!);
      },
      'approval.granted',
      'second approval by',
    );
  });

  test('under an approval of the round before, a replay, fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob);
        log.carriedOut(given[1]!);
        log.offered(keyOf(2));
        log.left('update.intended', { ...keyOf(2), hash: given[1]!.hash });
      },
      'update.intended',
      'round 2 of small with 0 of 2',
    );
  });

  test('a second time under the same approvals fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.carriedOut(given);
        log.left('update.intended', given);
      },
      'update.intended',
      'used up',
    );
  });

  test('for a plan that is not the approved one fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.step((sink) =>
          sink.append({
            kind: 'update.intended',
            ...one,
            detail: { plan: hashOf('another plan'), approval: given.hash, ...updateOf(one), outbox: 1 },
          }),
        );
      },
      'update.intended',
      'another plan',
    );
  });

  test('a millisecond after an approval ended fails, and a millisecond before does not', async () => {
    const until = (wait: number) => (log: NodeLog) => {
      log.founded().offered(one);
      const given = log.approvedBy(one, ann, bob)[1]!;
      log.sealed(given);
      // A step is a minute, and Ann's approval began two steps before this one: it lasts three days.
      log.advance(3 * 24 * HOUR - 3 * 60_000 + wait);
      log.left('update.intended', given);
      log.left('update.sent', given);
    };
    await expectSound(until(-1), [[1, 'sent']]);
    await expectWrong(until(0), 'update.intended', 'with 1 of 2 approvals (record');
  });

  test('under a revoked approval fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob);
        log.revoked(given[0]!, ann);
        log.carriedOut(given[1]!);
      },
      'update.intended',
      'was revoked by record',
    );
  });

  test('although the approval was revoked before it went, fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob);
        log.left('update.intended', given[1]!);
        log.revoked(given[0]!, ann);
        log.left('update.sent', given[1]!);
      },
      'update.sent',
      'revokes the approval',
    );
  });

  test('that was given up when it was taken back, and turns out to have arrived, is not judged', async () => {
    const { result, rounds } = await judged((log) => {
      log.founded().offered(one);
      const given = log.approvedBy(one, ann, bob);
      log.left('update.intended', given[1]!);
      log.revoked(given[0]!, ann);
      log.unconfirmed(given[1]!);
      log.left('update.sent', given[1]!);
      log.round(keyOf(2));
    });
    expect(result).toMatchObject({ ok: true, evidence: { sense: { verdict: 'not-shown' } } });
    expect(rounds).toMatchObject([
      { round: 1, verdict: 'not-shown', outcome: 'sent', reasons: [expect.stringContaining('gave it up') as string] },
      { round: 2, verdict: 'ok', outcome: 'sent' },
    ]);
  });

  test('that was given up and is not heard of again is not confirmed', async () => {
    await expectSound(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.left('update.intended', given);
        log.unconfirmed(given);
      },
      [[1, 'not confirmed']],
    );
  });

  test('although somebody declined fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.decided(one, cyd, { decision: 'decline' });
        log.left('update.intended', given);
      },
      'update.intended',
      'over (declined)',
    );
  });

  test('with more bytes than were offered fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.left('update.intended', given, { bytes: 993 });
      },
      'update.intended',
      '993 bytes',
    );
  });

  test('that is another one than was sealed, or than was committed, fails', async () => {
    const approved = (log: NodeLog) => {
      log.founded().offered(one);
      const given = log.approvedBy(one, ann, bob)[1]!;
      log.sealed(given);
      return given;
    };
    await expectWrong(
      (log) => log.left('update.intended', approved(log), { blob: hashOf('another') }),
      'update.intended',
      'another update than was sealed',
    );
    await expectWrong(
      (log) => {
        const given = approved(log);
        log.left('update.intended', given);
        log.left('update.sent', given, { blob: hashOf('another') });
      },
      'update.sent',
      'another update than record',
    );
  });

  test('that no record committed to leave fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.left('update.sent', log.approvedBy(one, ann, bob)[1]!);
      },
      'update.sent',
      'no record committed',
    );
  });

  test('trained on another snapshot of the data than was approved fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.trained(given, hashOf('the rows of last week'));
        log.left('update.intended', given);
      },
      'update.intended',
      'on other data',
    );
  });

  test('from fewer rows than the institution’s own floor, as it was when training began, fails', async () => {
    const from = (rows: number) => (log: NodeLog) => {
      log.founded().offered(one);
      const given = log.approvedBy(one, ann, bob)[1]!;
      log.trained(given);
      log.rules(2, [ada, ben], { rows: 60 });
      log.finished(given, rows);
      log.sealed(given);
      log.left('update.intended', given);
      log.left('update.sent', given);
    };
    await expectSound(from(50), [[1, 'sent']]);
    await expectWrong(from(49), 'training.finished', 'floor is 50');
  });

  test('whose norm is over three times that of the last one, and that nobody released, fails', async () => {
    const norms = (last: string, next: string) => (log: NodeLog) => {
      log.founded();
      [last, next].forEach((norm, i) => {
        log.offered(keyOf(i + 1));
        const given = log.approvedBy(keyOf(i + 1), ann, bob)[1]!;
        log.sealed(given, norm);
        log.left('update.intended', given);
        log.left('update.sent', given);
      });
    };
    await expectSound(norms('1.5', '4.5'), [
      [1, 'sent'],
      [2, 'sent'],
    ]);
    await expectWrong(norms('1.5', '4.500001'), 'update.intended', '0 of 2 approvals to release');
  });

  test('after the study was left fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        const given = log.approvedBy(one, ann, bob)[1]!;
        log.decideStudy('leave', 'small', sam);
        log.left('update.intended', given);
      },
      'update.intended',
      'left',
    );
  });

  describe('that was to be released by people', () => {
    const { blob, bytes } = updateOf(one);
    const update = { blob, bytes, norm: '4.5' };
    const upTo = (log: NodeLog, release: (given: { hash: string }) => void) => {
      log.founded().offered(one);
      const given = log.approvedBy(one, ann, bob)[1]!;
      log.sealed(given);
      log.releaseRequested(one);
      release(given);
      log.left('update.intended', given);
    };

    test('and was by one of two fails', async () => {
      await expectWrong(
        (log) => upTo(log, () => log.decided(one, ann, { update })),
        'update.intended',
        '1 of 2 approvals to release',
      );
    });

    test('and was released as another update fails', async () => {
      await expectWrong(
        (log) =>
          upTo(log, () => {
            const other = { ...update, blob: hashOf('another') };
            log.decided(one, bob, { update: other, prior: [log.decided(one, ann, { update: other })] });
          }),
        'update.intended',
        'is for another update',
      );
    });

    test('and was released by a policy fails', async () => {
      await expectWrong(
        (log) => {
          log.founded();
          const policy = log.policy('small', [ann, bob]);
          log.offered(one);
          log.decided(one, { policy }, { update });
        },
        'approval.granted',
        'no person saw',
      );
    });

    test('because the rules say always, and was not, fails', async () => {
      await expectWrong(
        (log) => {
          log.founded();
          log.rules(2, [ada, ben], { release: 'always' });
          log.round(one);
        },
        'update.intended',
        '0 of 2 approvals to release',
      );
    });
  });
});

test('a third person’s approval does not count those of who may not approve any more, and says so', async () => {
  await expectSound(
    (log) => {
      log.founded().offered(one);
      const [, second] = log.approvedBy(one, ann, bob);
      log.account('change-roles', { ...ann, roles: ['steward'] }, [ada]);
      log.carriedOut(log.decided(one, cyd, { prior: [second!] }));
    },
    [[1, 'sent']],
  );
});

describe('an approval', () => {
  const by =
    (who: Parameters<NodeLog['account']>[1], more: Parameters<NodeLog['decided']>[2] = {}) =>
    (log: NodeLog) => {
      log.founded();
      log.account('add', who, [ada]);
      log.offered(one);
      log.decided(one, who, more);
    };

  test.each([
    ['a steward', withRoles('steward')],
    ['an admin', withRoles('admin')],
    ['an auditor', withRoles('auditor')],
  ])('by %s fails', (_, who) => expectWrong(by(who), 'approval.granted', 'no approver with this key then'));

  test('by somebody without an account fails', async () => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.decided(one, actor('Nobody', 'approver'));
      },
      'approval.granted',
      'no approver',
    );
  });

  test('by the steward who joined the study, though an approver too, fails', async () => {
    const both = withRoles('steward', 'approver');
    await expectWrong(
      (log) => {
        log.founded();
        log.account('add', both, [ada]);
        log.decideStudy('join', 'small', both);
        log.offered(one);
        log.decided(one, both);
      },
      'approval.granted',
      'who as steward joined',
    );
  });

  test('by somebody whose role was taken, who was deactivated, or with a retired key fails', async () => {
    const after = (change: (log: NodeLog) => void) => (log: NodeLog) => {
      log.founded();
      change(log);
      log.offered(one);
      log.decided(one, ann);
    };
    const words = 'no approver with this key then';
    await expectWrong(
      after((log) => log.account('change-roles', { ...ann, roles: ['steward'] }, [ada])),
      'approval.granted',
      words,
    );
    await expectWrong(
      after((log) => log.account('deactivate', { ...ann, roles: [] }, [ada])),
      'approval.granted',
      words,
    );
    const renewed = { ...actor('Ann again', 'approver'), id: ann.id };
    await expectWrong(
      after((log) => log.account('issue-key', renewed, [ada, ben], { retired: ann.key })),
      'approval.granted',
      words,
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['plan', { plan: hashOf('x') }, 'plan'],
    ['model', { inputModel: hashOf('x') }, 'model'],
    ['signer', { signer: bob.key }, 'signer'],
    ['person', { person: bob.id }, 'person'],
    ['end', { notAfter: '2026-03-30T00:00:00.000Z' }, 'end'],
    ['number of people', { needed: 1 }, 'number of people'],
    ['purpose', { purpose: 'release' }, 'purpose'],
    ['reason', { reason: hashOf('x') }, 'reason'],
  ])('recorded with another %s than was signed fails', async (_, detail, word) => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.decided(one, ann, { detail });
      },
      'approval.granted',
      `another ${word} than`,
    );
  });

  test.each<[string, Parameters<NodeLog['decided']>[2], string]>([
    ['for another study', { change: (said) => ({ ...said, study: 'other' }) }, 'another study'],
    ['for another round', { change: (said) => ({ ...said, round: 2 }) }, 'another round'],
    ['for another plan', { change: (said) => ({ ...said, plan: hashOf('x') }) }, 'another plan'],
    ['for a swapped model', { change: (said) => ({ ...said, inputModel: hashOf('x') }) }, 'another model'],
    ['for more bytes', { change: (said) => ({ ...said, maxBytes: 993 }) }, 'more bytes'],
    ['for more than a week', { change: (said) => ({ ...said, notAfter: '2026-05-01T00:00:00.000Z' }) }, '168 hours'],
    ['from the future', { change: (said) => ({ ...said, at: '2027-01-01T00:00:00.000Z' }) }, 'after it was recorded'],
    ['that counts one where two are asked', { needed: 1 }, 'rules then ask for 2'],
    [
      'with a field that approvals do not have',
      { change: (said) => ({ ...said, extra: 1 }) as never },
      'extra is not a field',
    ],
    ['that was signed by another key', { signWith: bob.seed }, 'signature that does not verify'],
    ['without the installation’s signature', { detail: { installation: '00'.repeat(64) } }, 'by the installation'],
    ['with a number too high', { detail: { number: 2 } }, 'counts as approval 2'],
  ])('%s fails', async (_, more, words) => {
    await expectWrong(
      (log) => {
        log.founded().offered(one);
        log.decided(one, ann, more);
      },
      'approval.granted',
      words,
    );
  });

  test('of a round that nobody offered fails', async () => {
    await expectWrong((log) => void log.founded().decided(one, ann), 'approval.granted', 'not offered');
  });

  test('taken back by somebody without the right, or one that was not given, fails', async () => {
    const revoking = (act: (log: NodeLog, given: ReturnType<NodeLog['decided']>) => void) => (log: NodeLog) => {
      log.founded().offered(one);
      act(log, log.decided(one, ann));
    };
    await expectWrong(
      revoking((log, given) => log.revoked(given, ada)),
      'approval.revoked',
      'no approver',
    );
    await expectWrong(
      revoking((log, given) => log.revoked({ ...given, hash: hashOf('x') }, ann)),
      'approval.revoked',
      'was not given',
    );
  });
});
