import { expect, test } from 'vitest';
import { revokeStatement } from '../../../main/consent/revocation.ts';
import { changeRoles } from '../../../main/people/accounts.ts';
import { runRound } from '../../../main/round.ts';
import { openedText } from '../../../main/store/openings.ts';
import { signedBytes, signedRecord } from '../../../main/store/signed.ts';
import { verifyEd25519 } from '../../../platform/crypto.ts';
import { AssentError } from '../../../shared/errors.ts';
import { revocationRecord } from '../../../shared/records/consent.ts';
import { signedMessage } from '../../../shared/records/signed.ts';
import { fromHex } from '../../../shared/wire/canonical.ts';
import {
  ACCEPTS,
  consentOf,
  decides,
  delivers,
  KEY,
  releases,
  revokes,
  rowOf,
  tamper,
  typing,
} from '../../support/deciding.ts';
import { institution, type Institution } from '../../support/institution.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { EASY_RULES } from '../../support/people.ts';

const FOUR_EYES = { ...EASY_RULES, approvals: 2 };
const ALWAYS = { ...EASY_RULES, release: { when: 'always', norm: '3' } } as const;
const forever = new AbortController().signal;

async function offered(options: Parameters<typeof institution>[0] = {}) {
  const here = await institution(options);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, ...plan };
}
const outbox = ({ node }: Institution, purpose: string) =>
  node.store.journal.read.all<{ state: string; code: string | null; bytes: Buffer; record: string }>(
    'select * from outbox where purpose = ? order by id',
    purpose,
  );
const told = (here: Institution) =>
  outbox(here, 'decision').map(({ bytes }) => (JSON.parse(bytes.toString()) as { decision: string }).decision);
const lastDetail = ({ node }: Institution, kind: string) =>
  (
    JSON.parse(
      node.store.journal.read
        .get<{ bytes: Buffer }>('select bytes from record where kind = ? order by position desc', kind)!
        .bytes.toString('utf8'),
    ) as { detail: Record<string, string> }
  ).detail;

test('while another still has to approve, whoever approved takes the own approval back, and may approve again', async () => {
  const here = await offered({ rules: FOUR_EYES });
  const { approvalHash } = await decides(here, 'ann');
  await expect(revokes(here, 'bob')).rejects.toMatchObject({ code: 'APPROVAL_MISSING' });
  const { revocation, ended } = await revokes(here, 'ann');
  expect(ended).toBe(false);
  expect(rowOf(here).stage).toBe('awaiting');
  expect(told(here)).toEqual([]);
  expect(signedRecord(here.node.store.journal.read, revocationRecord, revocation)).toMatchObject({
    approval: approvalHash,
    meaning: expect.stringMatching(/^What leaves: nothing by my word/),
  });
  expect(await decides(here, 'bob')).toMatchObject({ number: 1, complete: false });
  expect(await decides(here, 'ann')).toMatchObject({ number: 2, complete: true });
});

test('any approver takes a complete approval back: signed, on record, the coordinator told, the round over here', async () => {
  const here = await offered();
  const { approvalHash } = await decides(here, 'ann');
  const { revocation, ended } = await revokes(here, 'bob');
  expect(ended).toBe(true);
  expect(rowOf(here)).toMatchObject({ stage: 'revoked', code: 'APPROVAL_REVOKED' });
  expect(told(here)).toEqual(['approve', 'decline']);
  const { read } = here.node.store.journal;
  const bytes = signedBytes(read, revocation);
  const bob = await typing(here, 'bob');
  const detail = lastDetail(here, 'approval.revoked');
  expect(detail).toMatchObject({ approval: approvalHash, revocation, person: bob.person.id });
  const message = signedMessage('revocation', bytes);
  expect(verifyEd25519(fromHex(bob.person.key), message, fromHex(detail['signature']!))).toBe(true);
  const { meaning, reason } = revocationRecord.decode(bytes);
  expect(meaning).toMatch(/^What leaves: nothing from now on/);
  expect(openedText(read, reason)).toBe('second thoughts');
  await runRound(here.node.rounds, KEY, forever);
  expect(here.kinds()).not.toContain('training.started');
  await expect(revokes(here, 'ann')).rejects.toMatchObject({ code: 'ROUND_STATE' });
});

test('what would be signed is said before; where there is nothing to take back there is no statement', async () => {
  const here = await offered();
  const { person } = await typing(here, 'ann');
  const statement = () => revokeStatement(consentOf(here), rowOf(here), person, 'zh');
  expect(statement()).toBeUndefined();
  await decides(here);
  expect(statement()).toMatch(/^发送内容：从现在起无/);
  changeRoles(consentOf(here), 'ann', ['steward'], await typing(here, 'ada'));
  expect(statement()).toBeUndefined();
});

test('revoked while training: what training gives is thrown away, and nothing is put into the outbox', async () => {
  const here = await offered({
    openProblem: async (...args) => {
      await revokes(here, 'bob');
      return leastSquares(...args);
    },
  });
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('revoked');
  expect(outbox(here, 'update')).toEqual([]);
  expect(here.kinds().slice(-2)).toEqual(['training.started', 'approval.revoked']);
  // Also when it was found out only by a restart.
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('revoked');
});

test('revoked while its update is being sealed: nothing is sealed', async () => {
  const here = await offered();
  await decides(here, 'ann');
  const { blobs } = here.node.store;
  const put = blobs.put.bind(blobs);
  let puts = 0;
  blobs.put = async (bytes) => {
    const hash = await put(bytes);
    if (++puts === 2) await revokes(here, 'bob'); // the first is what training gave
    return hash;
  };
  await runRound(here.node.rounds, KEY, forever);
  expect(puts).toBe(2);
  expect(rowOf(here).stage).toBe('revoked');
  expect(here.kinds()).not.toContain('update.sealed');
});

test('revoked between training and sending: an update that waits to be released never leaves', async () => {
  const here = await offered({ rules: ALWAYS });
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('releasing');
  await revokes(here, 'bob');
  await expect(releases(here, 'ann')).rejects.toMatchObject({ code: 'ROUND_STATE' });
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update')).toEqual([]);
});

test('revoked between intent and sending: the update is withdrawn from the outbox', async () => {
  const here = await offered();
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update')).toMatchObject([{ state: 'intended' }]);
  await revokes(here, 'bob');
  expect(outbox(here, 'update')).toMatchObject([{ state: 'refused', code: 'APPROVAL_REVOKED' }]);
  const { upload: _upload, submitUpdate: _submit, ...others } = ACCEPTS;
  await delivers(here, others); // an upload or a statement would fail the test
  expect(told(here)).toEqual(['approve', 'decline']);
  expect(rowOf(here).stage).toBe('revoked');
  const { record } = outbox(here, 'update')[0]!;
  expect(lastDetail(here, 'update.unconfirmed')).toMatchObject({ code: 'APPROVAL_REVOKED', statement: record });
});

/** An update is on its way, and `meanwhile` happens before its blob has arrived. */
async function onItsWay(
  here: Awaited<ReturnType<typeof offered>>,
  meanwhile: (stop: () => void) => Promise<void>,
): Promise<{ submitted: boolean }> {
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  let stop = () => {};
  let submitted = false;
  await delivers(
    here,
    {
      ...ACCEPTS,
      async upload(_blob, signal) {
        await meanwhile(stop);
        if (signal.aborted) throw new AssentError('CANCELED', 'the upload broke off');
      },
      async submitUpdate() {
        submitted = true;
        return {};
      },
    },
    (what) => {
      if (what?.row.purpose === 'update') stop = () => what.stop.abort();
    },
  );
  return { submitted };
}

test('revoked while the update is on its way: the upload breaks off, and no statement follows', async () => {
  const here = await offered();
  const { submitted } = await onItsWay(here, async (stop) => {
    await revokes(here, 'bob');
    stop(); // as the node does when it is woken
  });
  expect(submitted).toBe(false);
  expect(rowOf(here).stage).toBe('revoked');
  expect(here.kinds().filter((kind) => kind === 'update.unconfirmed')).toHaveLength(1);
  expect(here.kinds()).not.toContain('update.sent');
});

test.each<[string, string, (here: Awaited<ReturnType<typeof offered>>) => Promise<void> | void]>([
  ['expires', 'APPROVAL_EXPIRED', (here) => here.clock.advance(3600_000)],
  [
    'loses the person who gave it',
    'ROLE_MISSING',
    async (here) => changeRoles(consentOf(here), 'ann', ['steward'], await typing(here, 'ada')),
  ],
])('when an approval %s while the update is on its way, no statement follows', async (_what, code, happens) => {
  const here = await offered();
  const { submitted } = await onItsWay(here, async () => happens(here));
  expect(submitted).toBe(false);
  expect(rowOf(here)).toMatchObject({ stage: 'failed', code });
  expect(lastDetail(here, 'update.unconfirmed')['code']).toBe(code);
  // Nobody waits for it over there, as long as there is something to wait for.
  expect(told(here)).toEqual(code === 'APPROVAL_EXPIRED' ? ['approve'] : ['approve', 'decline']);
});

test('a coordinator that had the update already: that it left is on record, although it was revoked meanwhile', async () => {
  const here = await offered();
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  await delivers(here, {
    ...ACCEPTS,
    async submitUpdate() {
      await revokes(here, 'bob');
      return {};
    },
  });
  expect(rowOf(here)).toMatchObject({ stage: 'sent', code: 'APPROVAL_REVOKED' });
  expect(here.kinds()).toEqual(expect.arrayContaining(['approval.revoked', 'update.sent']));
});

test('an update that has left is not taken back', async () => {
  const here = await offered();
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  await delivers(here, ACCEPTS);
  await expect(revokes(here, 'ann')).rejects.toMatchObject({ code: 'ROUND_STATE' });
  expect(rowOf(here).stage).toBe('sent');
});

test('rows that were withdrawn after the update was put into the outbox keep it from leaving', async () => {
  const here = await offered();
  await decides(here, 'ann');
  await runRound(here.node.rounds, KEY, forever);
  tamper(here, (tx) => tx.run('update study set snapshot = ?', '00'.repeat(32)));
  await delivers(here, { enrol: ACCEPTS.enrol, join: ACCEPTS.join, decide: ACCEPTS.decide });
  expect(rowOf(here)).toMatchObject({ stage: 'failed', code: 'APPROVAL_MISMATCH' });
});
