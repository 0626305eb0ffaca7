// The stream of node.proto that every window follows: status, rounds that wait, imports that run.
import type { ServiceImpl } from '@connectrpc/connect';
import { Locale, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import type { ImportProgress } from './data/reading.ts';
import { SESSION_HEADER } from './access.ts';
import type { AssentNode } from './node.ts';
import type { Sessions } from './people/sessions.ts';
import { offeredOf, type RoundRow } from './store/rounds.ts';
import { openFeed } from './watching.ts';

const MOST_WAITING = 100;

export function watchHandlers(
  node: AssentNode,
  statusNow: () => Record<string, unknown>,
): Pick<ServiceImpl<typeof NodeService>, 'watch'> {
  const { read } = node.store.journal;
  const feed = openFeed(node, () => ({
    status: statusNow(),
    waiting: read.all<RoundRow>(
      `select * from round where stage in ('awaiting', 'releasing') and outcome is null order by study, round limit ${MOST_WAITING}`,
    ),
    imports: [...node.imports.running()],
  }));
  return {
    async *watch({ run, after, locale }, { signal, requestHeader }) {
      const all = signedIn(node.sessions, requestHeader.get(SESSION_HEADER) ?? '');
      const language = locale === Locale.ZH ? 'zh' : 'en';
      for await (const { parts, ...at } of feed.updates({ run, after }, signal)) {
        const { status, waiting, imports } = parts;
        yield {
          ...at,
          ...(status && { status }),
          ...(all && waiting && { waiting: { rounds: waiting.map((row) => waitingRound(row, language)) } }),
          ...(all &&
            imports && {
              imports: { imports: imports.map(([number, one]) => ({ number, progress: progressFor(one) })) },
            }),
        };
      }
    },
  };
}

/** Before anybody has signed in, the status alone is told: how many rounds wait, not which. */
function signedIn(sessions: Sessions, token: string): boolean {
  if (token === '') return false;
  sessions.personOf(token);
  return true;
}

function waitingRound(row: RoundRow, language: 'en' | 'zh') {
  const { plan } = offeredOf(row);
  const { study, round, attempt } = row;
  return { name: { study, round, attempt }, title: plan.definition.title[language], approveBy: plan.approveBy };
}

export const progressFor = ({ pass, bytes, totalBytes, rows }: ImportProgress) => ({
  phase: pass === 1 ? 'reading' : 'storing',
  bytes: BigInt(bytes),
  totalBytes: BigInt(totalBytes),
  rows: BigInt(rows),
});
