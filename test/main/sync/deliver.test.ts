import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { joinStudy } from '../../../main/joining.ts';
import { runRound } from '../../../main/round.ts';
import { roundOf, studyRowOf } from '../../../main/store/rounds.ts';
import { listDatasets } from '../../../main/data/datasets.ts';
import { AssentError } from '../../../shared/errors.ts';
import { updateRecord } from '../../../shared/records/round.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { decides, delivers, KEY, type Answers } from '../../support/deciding.ts';
import { institution, type Institution } from '../../support/institution.ts';
import { signerOf } from '../../support/people.ts';

const forever = new AbortController().signal;

const ok = () => Promise.resolve({});
const refusing = (code: 'STUDY_STATE' | 'ROUND_CLOSED') => () => Promise.reject(new AssentError(code, 'no'));
const deliver = (here: Institution, calls: Answers) => delivers(here, calls);

/** A round has been trained; decision and update are in the outbox. */
async function sending() {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  await decides(here);
  await runRound(here.node.rounds, KEY, forever);
  const { bytes } = here.node.store.journal.read.get<{ bytes: Buffer }>(
    "select bytes from outbox where purpose = 'update'",
  )!;
  return { ...here, plan, statement: { hash: toHex(sha256(bytes)), ...updateRecord.decode(bytes) } };
}
const over = { aggregate: null, model: null, metrics: {}, reason: '' };

test('an update whose round has ended is not sent any more', async () => {
  const here = await sending();
  here.take(here.coordinator.outcome({ ...KEY, plan: here.plan.hash, result: 'aborted', participants: [], ...over }));
  await deliver(here, { enrol: ok, join: ok, decide: ok });
  expect(roundOf(here.node.store.journal.read, KEY)).toMatchObject({ stage: 'failed', code: 'ROUND_CLOSED' });
  expect(here.kinds().slice(-1)).toEqual(['update.refused']);
});

test('an update that the outcome counts has arrived, even if its answer was lost', async () => {
  const here = await sending();
  const { hash: statement, blob, examples: weight } = here.statement;
  const participants = [{ member: 'alpha', statement, blob, weight }];
  const counted = {
    result: 'aggregated' as const,
    participants,
    ...over,
    aggregate: '44'.repeat(32),
    model: '55'.repeat(32),
  };
  here.take(here.coordinator.outcome({ ...KEY, plan: here.plan.hash, ...counted }));
  await deliver(here, { enrol: ok, join: ok, decide: ok });
  expect(roundOf(here.node.store.journal.read, KEY).stage).toBe('sent');
  expect(here.kinds().slice(-1)).toEqual(['update.sent']);
});

test('an update without an answer when its approval expires is unconfirmed, not refused: it may have arrived', async () => {
  const here = await sending();
  here.clock.advance(60 * 60_000);
  await deliver(here, { enrol: ok, join: ok, decide: ok });
  expect(here.kinds().slice(-1)).toEqual(['update.unconfirmed']);
});

test('bytes that are not those that were sealed do not leave', async () => {
  const here = await sending();
  const file = join(here.home, 'blobs', here.statement.blob);
  chmodSync(file, 0o600);
  writeFileSync(file, 'not what anybody approved');
  await deliver(here, { enrol: ok, join: ok, decide: ok });
  expect(roundOf(here.node.store.journal.read, KEY)).toMatchObject({ stage: 'failed', code: 'STORE_DAMAGED' });
});

test('a refused decision ends the round here: its update would not be taken', async () => {
  const here = await institution();
  here.take(here.coordinator.plan(here.study, ['alpha', 'beta']));
  await decides(here);
  await deliver(here, { enrol: ok, join: ok, decide: refusing('ROUND_CLOSED') });
  expect(roundOf(here.node.store.journal.read, KEY)).toMatchObject({ stage: 'failed', code: 'ROUND_CLOSED' });
});

test('a refused join leaves the study to be joined again', async () => {
  const here = await institution();
  await deliver(here, { enrol: ok, join: refusing('STUDY_STATE') });
  expect(studyRowOf(here.node.store.journal.read, 'small')).toMatchObject({ stage: 'offered', dataset: null });
  const [dataset] = listDatasets(here.node.data);
  await joinStudy(here.node, await signerOf(here.node, 'sam'), 'small', dataset!.id, { text: '', version: 0 });
  await deliver(here, { join: ok });
  expect(studyRowOf(here.node.store.journal.read, 'small').stage).toBe('joined');
});
