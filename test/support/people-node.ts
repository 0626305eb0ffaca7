// An institution's real node with the people of people.ts: it has not enrolled and knows no study.
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openNode, type AssentNode } from '../../main/node.ts';
import { personNamed } from '../../main/people/people.ts';
import { handClock, type HandClock } from './hand-clock.ts';
import { PASSPHRASE } from './institution.ts';
import { leastSquares } from './least-squares-trainer.ts';
import { makePeople, type Login } from './people.ts';
import { temporaryFolder } from './temporary.ts';

export type PeopleNode = {
  node: AssentNode;
  clock: HandClock;
  home: string;
  idOf(login: Login): string;
  kinds(): string[];
  /** Of the records of one kind, in order. */
  details(kind: string): Record<string, unknown>[];
};

export async function peopleNode(which: readonly Login[] = ['ada', 'sam']): Promise<PeopleNode> {
  const clock = handClock();
  const home = join(temporaryFolder(), 'home');
  const node = await openNode({ home, passphrase: PASSPHRASE, clock, openProblem: leastSquares });
  onTestFinished(() => node.close());
  await makePeople(node, undefined, which);
  const { read } = node.store.journal;
  return {
    node,
    clock,
    home,
    idOf: (login) => personNamed(read, login)!.id,
    kinds: () => read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind),
    details: (kind) =>
      read
        .all<{ bytes: Buffer }>('select bytes from record where kind = ? order by position', kind)
        .map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> }).detail),
  };
}
