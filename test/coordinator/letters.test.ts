// Letters of witnessing at a real coordinator, over real HTTP: members that are reduced to keys and a log.
import { expect, test } from 'vitest';
import { letterFromWire, letterToWire } from '../../platform/letter-wire.ts';
import type { Letter } from '../../platform/letters.ts';
import { openParties } from '../../platform/parties.ts';
import { alarmsOf, witnessedLogs } from '../../platform/witness.ts';
import { admitted, openConsortium, type Consortium } from '../support/open-consortium.ts';
import { refusalOf, type SigningMember } from '../support/signing-member.ts';
import { witnessedLog, type WitnessedLog } from '../support/witnessed-logs.ts';

type Correspondent = { member: SigningMember; log: WitnessedLog };

/** Admitted members with a log of their own, which know each other by the coordinator's directory. */
async function correspondents(consortium: Consortium, ...ids: string[]): Promise<Correspondent[]> {
  const { store } = consortium.coordinator;
  const directory = openParties(store.journal.read);
  const made: Correspondent[] = [];
  for (const id of ids) {
    const member = await admitted(consortium, id);
    const parties = () => directory(store.consortium, store.keys);
    made.push({ member, log: witnessedLog(id, parties, { keys: member.secrets, clock: consortium.clock }) });
  }
  return made;
}

async function exchange({ member }: Correspondent, letters: Letter[] = []) {
  const said = await member.calls.exchangeLetters({ letters: letters.map(letterToWire) });
  return { letters: said.letters.map(letterFromWire), absent: said.absent };
}
const requestsOf = ({ log }: Correspondent, only?: string): Letter[] =>
  log.anchors.requests(only).map(({ to, body }) => ({ kind: 'request', party: to, body }));

/** What a node does with what it takes out: answers are taken in, and what is asked is answered. */
function answer({ log }: Correspondent, letters: readonly Letter[]): Letter[] {
  const asked: { from: string; body: Uint8Array }[] = [];
  for (const letter of letters)
    if (letter.kind === 'answer') log.anchors.take(letter.party, letter.answer);
    else asked.push({ from: letter.party, body: letter.body });
  return log.witness
    .judge(asked)
    .map((answered, at): Letter => ({ kind: 'answer', party: asked[at]!.from, answer: answered }));
}
const anchoredBy = ({ log }: Correspondent) =>
  log.journal.read
    .all<{ witness: string }>('select distinct witness from cosignature order by witness')
    .map(({ witness }) => witness);

test('the coordinator cosigns a member’s log at once, and keeps what it saw', async () => {
  const consortium = await openConsortium();
  const [alpha] = await correspondents(consortium, 'alpha');
  alpha!.log.grow(3);
  const { letters } = await exchange(alpha!, requestsOf(alpha!, 'coordinator'));
  answer(alpha!, letters);
  expect(anchoredBy(alpha!)).toEqual(['test/coordinator']);
  expect(witnessedLogs(consortium.coordinator.store.journal.read)).toMatchObject([{ member: 'alpha', size: 3 }]);
});

test('a request reaches the member that it is for, and the answer comes back; each is handed out once', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  alpha!.log.grow(3);
  await exchange(beta!);
  const sent = await exchange(alpha!, requestsOf(alpha!, 'beta'));
  expect(sent.absent).toEqual([]);
  const got = await exchange(beta!);
  const fromAlpha = got.letters.filter(({ party }) => party === 'alpha');
  expect(fromAlpha.map(({ kind }) => kind)).toEqual(['request']);
  expect((await exchange(beta!, answer(beta!, fromAlpha))).letters).toEqual([]);
  const back = (await exchange(alpha!)).letters.filter(({ party }) => party === 'beta');
  answer(alpha!, back);
  expect(anchoredBy(alpha!)).toEqual(['test/beta']);
  expect((await exchange(alpha!)).letters.filter(({ party }) => party === 'beta')).toEqual([]);
});

test('of several letters of one member to another the newest waits', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  for (let i = 0; i < 5; i++) {
    alpha!.log.grow(1);
    consortium.clock.advance(10_000);
    await exchange(alpha!, requestsOf(alpha!, 'beta'));
  }
  const got = (await exchange(beta!)).letters.filter(({ party }) => party === 'alpha');
  expect(got).toHaveLength(1);
  answer(beta!, got);
  expect(witnessedLogs(beta!.log.journal.read)).toMatchObject([{ member: 'alpha', size: 5 }]);
});

test('the coordinator’s own log is cosigned by its members, and its status says so', async () => {
  const consortium = await openConsortium();
  const all = await correspondents(consortium, 'alpha', 'beta', 'gamma');
  for (const each of all) await exchange(each, answer(each, (await exchange(each)).letters));
  const { anchor } = await consortium.admin.getStatus({});
  expect(anchor).toMatchObject({ by: ['alpha', 'beta', 'gamma'], of: 3, stale: false, code: '' });
  consortium.clock.advance(25 * 3_600_000);
  expect((await consortium.admin.getStatus({})).anchor).toMatchObject({ stale: true });
});

test('a member that waits for news is woken by a letter if it asks for that, and else by events alone', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  const { sequence } = (await alpha!.member.events()).at(-1)!;
  const { letters: seen } = await alpha!.member.calls.watch({ after: sequence, waitSeconds: 0, letters: 0 });
  await exchange(alpha!);
  let deaf = false;
  const before = consortium.clock.waiting();
  const listening = alpha!.member.calls.watch({ after: sequence, waitSeconds: 25, letters: seen });
  const others = alpha!.member.calls.watch({ after: sequence, waitSeconds: 25 }).then(() => (deaf = true));
  while (consortium.clock.waiting() < before + 2) await new Promise(setImmediate);
  beta!.log.grow(1);
  await exchange(beta!, requestsOf(beta!, 'alpha'));
  const woken = await listening;
  expect(woken.events).toEqual([]);
  expect(woken.letters).not.toBe(seen);
  expect(deaf).toBe(false);
  consortium.clock.advance(25_000);
  await others;
});

test('who has not been heard of for a minute is named, so that nobody waits for it', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  alpha!.log.grow(1);
  // Just after its start the coordinator has heard of nobody yet.
  expect((await exchange(alpha!, requestsOf(alpha!, 'beta'))).absent).toEqual([]);
  consortium.clock.advance(60_000);
  expect((await exchange(alpha!, requestsOf(alpha!, 'beta'))).absent).toEqual(['beta']);
  await exchange(beta!);
  consortium.clock.advance(30_000);
  expect((await exchange(alpha!, requestsOf(alpha!, 'beta'))).absent).toEqual([]);
  consortium.clock.advance(31_000);
  expect((await exchange(alpha!, requestsOf(alpha!, 'beta'))).absent).toEqual(['beta']);
});

test('letters are for members in force, and no larger and no more than they need to be', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  alpha!.log.grow(1);
  const [request] = requestsOf(alpha!, 'beta') as [Extract<Letter, { kind: 'request' }>];
  const outsider = consortium.newMember('outsider');
  const { invitation } = await consortium.admin.invite({ member: 'outsider', name: 'Outsider' });
  await outsider.enrol(invitation);
  expect(await refusalOf(outsider.calls.exchangeLetters({ letters: [] }))).toBe('NOT_ADMITTED');
  expect(await refusalOf(exchange(alpha!, [{ ...request, body: new Uint8Array(16 * 1024 + 1) }]))).toBe(
    'REQUEST_INVALID',
  );
  expect(
    await refusalOf(
      exchange(
        alpha!,
        Array.from({ length: 65 }, () => request),
      ),
    ),
  ).toBe('REQUEST_INVALID');
  // To somebody who is not there, or to oneself: dropped.
  const lost = await exchange(alpha!, [
    { ...request, party: 'nobody' },
    { ...request, party: 'alpha' },
  ]);
  expect(lost.letters.filter(({ party }) => party !== 'coordinator')).toEqual([]);
  await consortium.admin.remove({ member: 'beta' });
  await exchange(alpha!, [request]);
  expect(await refusalOf(exchange(beta!))).toBe('MEMBER_REMOVED');
});

test('more than ten exchanges a second for a minute are refused', async () => {
  const consortium = await openConsortium();
  const [alpha] = await correspondents(consortium, 'alpha');
  for (let i = 0; i < 600; i++) await exchange(alpha!);
  expect(await refusalOf(exchange(alpha!))).toBe('LETTERS_TOO_OFTEN');
  consortium.clock.advance(60_000);
  await exchange(alpha!);
});

test('a relay that hands a member an old checkpoint of another one makes an alarm there, and no cosignature', async () => {
  const consortium = await openConsortium();
  const [alpha, beta] = await correspondents(consortium, 'alpha', 'beta');
  alpha!.log.grow(2);
  const [early] = requestsOf(alpha!, 'beta') as [Extract<Letter, { kind: 'request' }>];
  answer(beta!, [{ ...early, party: 'alpha' }]);
  alpha!.log.grow(2);
  consortium.clock.advance(10_000);
  const [late] = requestsOf(alpha!, 'beta') as [Extract<Letter, { kind: 'request' }>];
  answer(
    alpha!,
    answer(beta!, [{ ...late, party: 'alpha' }]).map((letter) => ({ ...letter, party: 'beta' })),
  );
  consortium.clock.advance(10_000);
  const [again] = requestsOf(alpha!, 'beta') as [Extract<Letter, { kind: 'request' }>];
  answer(beta!, [{ ...again, party: 'alpha' }]);
  expect(answer(beta!, [{ ...early, party: 'alpha' }])).toMatchObject([{ answer: { status: 409 } }]);
  expect(alarmsOf(beta!.log.journal.read)).toMatchObject([{ member: 'alpha', why: 'smaller' }]);
});

test('no member can be called like the coordinator', async () => {
  const { admin } = await openConsortium();
  expect(await refusalOf(admin.invite({ member: 'coordinator', name: 'Impostor' }))).toBe('REQUEST_INVALID');
});
