// A new institution with the people of people.ts and nothing else.
import { onTestFinished } from 'vitest';
import { openStore } from '../../main/store/open.ts';
import type { RuleChoice } from '../../main/people/rules.ts';
import { handClock } from './hand-clock.ts';
import { PASSPHRASE } from './institution.ts';
import { makePeople, type Login } from './people.ts';
import { temporaryFolder } from './temporary.ts';

export async function peopleStore(o: { rules?: RuleChoice; which?: readonly Login[] } = {}) {
  const clock = handClock();
  const store = await openStore(temporaryFolder(), PASSPHRASE, clock.now);
  onTestFinished(() => store.close());
  if (o.which?.length !== 0) await makePeople({ store, clock }, o.rules, o.which);
  const records = () =>
    store.journal.read
      .all<{ bytes: Buffer }>('select bytes from record order by position')
      .map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as { kind: string; detail: Record<string, unknown> });
  return { store, clock, deps: { store, now: clock.now }, records };
}
