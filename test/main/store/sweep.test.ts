import { expect, it } from 'vitest';
import { signPolicy } from '../../../main/consent/policy.ts';
import { runRound } from '../../../main/round.ts';
import { roundOf } from '../../../main/store/rounds.ts';
import { sweepBlobs } from '../../../main/store/sweep.ts';
import { institution, PASSPHRASE } from '../../support/institution.ts';

const KEY = { study: 'small', round: 1, attempt: 1 };

it('blobs go when their round is over and what is in the outbox has left, and never before', async () => {
  const here = await institution();
  const { node, study, coordinator } = here;
  const { store } = node;
  const bounds = { rounds: 3, attempts: 3, bytes: 1e6, norm: 1e3, cohort: 2, days: 1 };
  const consent = { store, now: here.clock.now };
  await signPolicy(consent, { study: study.id, passphrase: PASSPHRASE, locale: 'en', bounds });
  const plan = coordinator.plan(study, ['alpha', 'beta']);
  here.take(plan);
  const model = await store.blobs.put(plan.model);
  const left = await store.blobs.put(new Uint8Array([1]));
  await runRound(node.rounds, KEY, new AbortController().signal);
  const { trained, stage } = roundOf(store.journal.read, KEY);
  expect(stage).toBe('sending');
  const names = async () => (await store.blobs.list()).map(({ hash }) => hash).toSorted();

  await sweepBlobs(store, 'closed');
  expect(await names()).toEqual([model, trained!, left].toSorted());
  await sweepBlobs(store, 'everything');
  expect(await names()).toEqual([model, trained!].toSorted());

  const told = { study: study.id, round: 1, attempt: 1, plan: plan.hash, reason: 'too few' };
  here.take(
    coordinator.outcome({ ...told, result: 'aborted', participants: [], aggregate: null, model: null, metrics: {} }),
  );
  // The round is over, but its update may still leave: the outbox decides.
  await sweepBlobs(store, 'closed');
  expect(await names()).toEqual([trained!]);
  store.journal.transact('outbox.settle', (tx) => {
    tx.run("update outbox set state = 'refused', code = 'ROUND_CLOSED'");
    tx.append({
      kind: 'message.refused',
      detail: { purpose: 'update', record: plan.hash, outbox: 1, code: 'ROUND_CLOSED' },
    });
  });
  await sweepBlobs(store, 'closed');
  expect(await names()).toEqual([]);
});
