// The letters of witnessing at the coordinator: it cosigns members' logs, has its own cosigned by them, and carries between them
// what each checks for itself.
import { AssentError } from '../shared/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Letter } from '../platform/letters.ts';
import { COORDINATOR } from '../platform/parties.ts';
import type { Anchoring } from './anchoring.ts';
import type { Events } from './events.ts';
import { openLetterBox } from './letter-box.ts';

export type Letters = {
  /** Hands in letters of an admitted member and takes out those for it. Throws LETTERS_TOO_OFTEN. */
  exchange(member: string, letters: readonly Letter[]): { letters: Letter[]; absent: string[] };
  /** Counts what came for the member. */
  count(member: string): number;
  /** The member waits for news, and would take letters; what it was asked and has not answered is asked again. */
  heard(member: string): void;
  /** Whether the member would have taken letters within the last minute, or that is not known yet. */
  isThere(member: string): boolean;
  /** From here on members can call. */
  open(): void;
  /** There is a checkpoint to be cosigned: whoever is asked is woken. */
  announce(): void;
};

/** What a member gets at once: its answers and its own questions fit into one message again. */
const MOST_LETTERS = 40;
const MOST_A_MINUTE = 600;
const MINUTE_MS = 60_000;
/** Between the news that there is a letter and the call that takes it out. */
const NUDGE_MS = 5_000;

export function openLetters({
  anchoring,
  clock,
  events,
}: {
  anchoring: Anchoring;
  clock: Clock;
  events: Events;
}): Letters {
  const box = openLetterBox();
  const counts = new Map<string, number>();
  const heardAt = new Map<string, number>();
  let openedAt = -Infinity;
  const nudgedAt = new Map<string, number>();
  const rates = new Map<string, { since: number; calls: number }>();

  function came(member: string): void {
    counts.set(member, (counts.get(member) ?? 0) + 1);
    events.wakeMember(member);
  }

  function checkRate(member: string): void {
    const now = clock.now();
    const known = rates.get(member);
    // Also when the clock was set back.
    const rate = known && Math.abs(now - known.since) < MINUTE_MS ? known : { since: now, calls: 0 };
    rates.set(member, rate);
    rate.calls += 1;
    if (rate.calls > MOST_A_MINUTE)
      throw new AssentError(
        'LETTERS_TOO_OFTEN',
        `${member} exchanges letters more than ${MOST_A_MINUTE} times a minute.`,
      );
  }

  const isThere = (member: string) => clock.now() - (heardAt.get(member) ?? openedAt) < MINUTE_MS;

  return {
    exchange(member, letters) {
      checkRate(member);
      heardAt.set(member, clock.now());
      const known = new Set(anchoring.members());
      const own: { from: string; body: Uint8Array }[] = [];
      for (const letter of letters) {
        if (letter.party !== COORDINATOR) {
          if (!known.has(letter.party) || letter.party === member) continue; // removed meanwhile
          box.put(member, letter);
          came(letter.party);
        } else if (letter.kind === 'answer') anchoring.take(member, letter.answer);
        else own.push({ from: member, body: letter.body });
      }
      const answers = anchoring.witness
        .judge(own)
        .map((answer): Letter => ({ kind: 'answer', party: COORDINATOR, answer }));
      const asked = anchoring.anchors
        .requests(member)
        .map(({ body }): Letter => ({ kind: 'request', party: COORDINATOR, body }));
      const waiting = box.take(member, MOST_LETTERS - answers.length - asked.length);
      const absent = new Set(letters.map(({ party }) => party).filter((id) => id !== COORDINATOR && !isThere(id)));
      return { letters: [...answers, ...asked, ...waiting], absent: [...absent] };
    },
    count: (member) => counts.get(member) ?? 0,
    heard(member) {
      const now = clock.now();
      heardAt.set(member, now);
      const due = (anchoring.anchors.nextRequest(member) ?? Infinity) <= now;
      if (!due || Math.abs(now - (nudgedAt.get(member) ?? 0)) < NUDGE_MS) return;
      nudgedAt.set(member, now);
      came(member);
    },
    isThere,
    open: () => void (openedAt = clock.now()),
    announce() {
      for (const { id } of anchoring.witnesses()) came(id);
    },
  };
}
