import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aggregate } from '../../platform/aggregate.ts';
import { sha256 } from '../../platform/crypto.ts';
import { outcomeRecord } from '../../shared/records/round.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';

const hashOf = (bytes: Uint8Array) => toHex(sha256(bytes));

it('what a round that came to nothing was sent is removed, and what an outcome names stays', async () => {
  const consortium = await openConsortium();
  const members = await startedStudy(consortium, tinyStudy(), ['alpha', 'beta']);
  const [alpha, beta] = members;
  const sent = (id: string) => readdirSync(join(consortium.home, 'updates', id));
  const first = await alpha!.plan();
  await alpha!.contribute(first, gradientBytes(1, 2));
  expect(sent('alpha')).toEqual([hashOf(gradientBytes(1, 2))]);
  await beta!.decide(first, 'decline');
  await consortium.idle();
  expect(consortium.kinds()).toContain('round.aborted');
  expect(sent('alpha')).toEqual([]);

  await consortium.admin.resumeStudy({ study: 'tiny' });
  await consortium.idle();
  const second = await alpha!.plan();
  await alpha!.contribute(second, gradientBytes(1, 2));
  await beta!.contribute(second, gradientBytes(3, 4));
  await consortium.idle();
  expect(consortium.kinds()).toContain('round.aggregated');

  // As a crash leaves them, and a member that was cut off and never came back.
  const junk = 'ab'.repeat(32);
  const left = [join('models', junk), join('updates', 'alpha', junk), join('updates', 'beta', `${junk}.part`)].map(
    (file) => join(consortium.home, file),
  );
  await consortium.restart(() => left.forEach((file) => writeFileSync(file, 'x')));
  // The third round is open: its members may be sending, so only what nobody can be sending is gone.
  expect(left.map((file) => existsSync(file))).toEqual([false, true, true]);
  await consortium.admin.stopStudy({ study: 'tiny', reason: 'enough' });
  await consortium.idle();
  await consortium.restart();
  expect(left.map((file) => existsSync(file))).toEqual([false, false, false]);
  expect([sent('alpha'), sent('beta')]).toEqual([[hashOf(gradientBytes(1, 2))], [hashOf(gradientBytes(3, 4))]]);

  const outcomes = (await alpha!.events()).flatMap(({ kind }) =>
    kind.case === 'outcome' ? [outcomeRecord.decode(kind.value.record)] : [],
  );
  const outcome = outcomes.find(({ result }) => result === 'aggregated')!;
  const { models, updates } = consortium.coordinator.store;
  const again = await aggregate({
    study: second.plan.definition,
    models,
    updates,
    inputModel: second.plan.inputModel.sha256,
    contributions: outcome.participants,
  });
  expect([again.aggregate, again.model]).toEqual([outcome.aggregate, outcome.model]);
});
