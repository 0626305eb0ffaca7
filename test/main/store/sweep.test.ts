import { expect, it } from 'vitest';
import { runRound } from '../../../main/round.ts';
import { roundOf } from '../../../main/store/rounds.ts';
import { sweepBlobs } from '../../../main/store/sweep.ts';
import { KEY, standingPolicy } from '../../support/deciding.ts';
import { institution } from '../../support/institution.ts';

it('blobs go when their round is over and what is in the outbox has left, and never before', async () => {
  const here = await institution();
  const { node, study, coordinator } = here;
  const { store } = node;
  await standingPolicy(here);
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
