// An institution's real node in a temporary folder, enrolled with a coordinator of the test's and joined to a small study.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { importFile } from '../../main/data/import.ts';
import { joinStudy } from '../../main/joining.ts';
import { openNode, type AssentNode, type NodeOptions } from '../../main/node.ts';
import type { RuleChoice } from '../../main/people/rules.ts';
import { accept } from '../../main/sync/inbox.ts';
import { memberKeys, requestEnrolment } from '../../main/sync/enrol.ts';
import type { Event } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { parseStudy, type Study } from '../../shared/study/study.ts';
import { changedStudy } from './example-study.ts';
import { handClock, type HandClock } from './hand-clock.ts';
import { leastSquares } from './least-squares-trainer.ts';
import { EASY_RULES, peopledHome, typing } from './people.ts';
import { signingCoordinator, type SigningCoordinator } from './signing-coordinator.ts';
import { temporaryFolder } from './temporary.ts';

export const PASSPHRASE = 'correct horse battery';

/** One feature, so that rows can be written by hand: x from 0 to 10, and a class. */
export const smallStudy = (...changes: [string, unknown][]): Study =>
  parseStudy(
    changedStudy(
      ['id', 'small'],
      [
        'schema.features',
        [
          {
            name: 'x',
            label: { en: 'x', zh: 'x' },
            kind: 'number',
            range: [0, 10],
            mean: 5,
            sd: 2,
            missing: { value: 5, indicator: false },
          },
        ],
      ],
      ['schema.target.name', 'y'],
      ['cohort', { least: 2, quorum: 2 }],
      ['releases', ['update', 'examples', 'loss']],
      ['rounds', 3],
      ...changes,
    ),
  );

export const rowsCsv = (count = 40): string =>
  `x,y\n${Array.from({ length: count }, (_, i) => `${(i * 7) % 10}.${i % 10},${(i * 7) % 10 > 4 ? 1 : 0}`).join('\n')}\n`;

export type Institution = {
  node: AssentNode;
  clock: HandClock;
  coordinator: SigningCoordinator;
  study: Study;
  home: string;
  take(event: { event: Event }): void;
  kinds(): string[];
};

/**
 * Sam joins with forty rows. `rules` are those of the set-up: one approval is enough and no floor holds unless they say more.
 * Institutions have the same keys, unless they are `fresh`.
 */
export async function institution(
  options: Partial<NodeOptions> & { study?: Study; rules?: RuleChoice; fresh?: boolean; coordinatorUrl?: string } = {},
): Promise<Institution> {
  const clock = handClock();
  const home = join(temporaryFolder(), 'home');
  const study = options.study ?? smallStudy();
  await peopledHome(home, PASSPHRASE, options.rules ?? EASY_RULES, options.fresh === true);
  const node = await openNode({ home, passphrase: PASSPHRASE, clock, openProblem: leastSquares, ...options });
  onTestFinished(() => node.close());
  const coordinator = signingCoordinator(clock.now, options.coordinatorUrl);
  requestEnrolment(node.store, clock.now, coordinator.invitation('alpha'), coordinator.fingerprint);
  const take = ({ event }: { event: Event }) => accept({ store: node.store, now: clock.now }, event);
  take(
    coordinator.directory([
      { id: 'alpha', keys: memberKeys(node.store) },
      { id: 'beta', keys: coordinator.keys },
    ]),
  );
  take(coordinator.study(study));
  const file = join(home, 'rows.csv');
  writeFileSync(file, rowsCsv());
  const { id } = await importFile(node.data, { path: file, name: 'Rows' });
  await joinStudy(node, await typing(node, 'sam'), study.id, id, { text: '', version: 0 });
  const kinds = () =>
    node.store.journal.read.all<{ kind: string }>('select kind from record order by position').map((r) => r.kind);
  return { node, clock, coordinator, study, home, take, kinds };
}
