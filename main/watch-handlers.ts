// The stream of node.proto that every window follows: status, rounds that wait, imports that run.
import type { ServiceImpl } from '@connectrpc/connect';
import { Locale, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { unentitled } from './consent/entitled.ts';
import { counting, judge } from './consent/given.ts';
import type { ImportProgress } from './data/reading.ts';
import { SESSION_HEADER } from './access.ts';
import type { AssentNode } from './node.ts';
import type { Sessions } from './people/sessions.ts';
import type { Offered, RoundKey } from './stages.ts';
import { offeredOf, type RoundRow } from './store/rounds.ts';
import { openFeed } from './watching.ts';

const MOST_WAITING = 100;
const MINUTE_MS = 60_000;

/** A round that waits, and for whom. */
type Waiting = {
  name: RoundKey;
  title: Offered['plan']['definition']['title'];
  approveBy: string;
  people: string[];
};

export function watchHandlers(
  node: AssentNode,
  statusNow: () => Record<string, unknown>,
): Pick<ServiceImpl<typeof NodeService>, 'watch'> {
  const { read } = node.store.journal;
  const deps = { store: node.store, now: node.clock.now };

  /** Who may decide on it, and has not approved it yet. */
  function waitedFor(row: RoundRow, offered: Offered): string[] {
    const purpose = row.stage === 'releasing' ? 'release' : 'train';
    const about = { offered, update: purpose === 'release' ? row.sealed : null };
    const approved = new Set(counting(judge(deps, purpose, about)).map(({ person }) => person));
    return read
      .all<{ id: string }>('select id from person order by rowid')
      .map(({ id }) => id)
      .filter((id) => !approved.has(id) && unentitled(read, id, row.study) === undefined);
  }
  function waitingNow(): Waiting[] {
    const rows = read.all<RoundRow>(
      `select * from round where stage in ('awaiting', 'releasing') and outcome is null order by study, round limit ${MOST_WAITING}`,
    );
    return rows.map((row) => {
      const offered = offeredOf(row);
      const { definition, approveBy } = offered.plan;
      const { study, round, attempt } = row;
      const { title } = definition;
      return { name: { study, round, attempt }, title, approveBy, people: waitedFor(row, offered) };
    });
  }
  // Judging approvals costs more than a tick of training may: anew when something was recorded, or may have expired.
  let judged = { at: '', waiting: [] as Waiting[] };
  function waiting(): Waiting[] {
    const at = `${node.store.journal.size()} ${Math.floor(node.clock.now() / MINUTE_MS)}`;
    if (judged.at !== at) judged = { at, waiting: waitingNow() };
    return judged.waiting;
  }

  const feed = openFeed(node, () => ({
    status: statusNow(),
    waiting: waiting(),
    imports: [...node.imports.running()],
  }));
  return {
    async *watch({ run, after, locale }, { signal, requestHeader }) {
      const caller = callerIn(node.sessions, requestHeader.get(SESSION_HEADER) ?? '');
      const language = locale === Locale.ZH ? 'zh' : 'en';
      for await (const { parts, ...at } of feed.updates({ run, after }, signal)) {
        const { status, waiting, imports } = parts;
        yield {
          ...at,
          ...(status && { status }),
          ...(caller !== undefined && waiting && { waiting: { rounds: waitingFor(waiting, caller, language) } }),
          ...(caller !== undefined &&
            imports && {
              imports: { imports: imports.map(([number, one]) => ({ number, progress: progressFor(one) })) },
            }),
        };
      }
    },
  };
}

/** Before anybody has signed in, the status alone is told: how many rounds wait, not which. */
const callerIn = (sessions: Sessions, token: string): string | undefined =>
  token === '' ? undefined : sessions.personOf(token).id;

const waitingFor = (waiting: readonly Waiting[], caller: string, language: 'en' | 'zh') =>
  waiting
    .filter(({ people }) => people.includes(caller))
    .map(({ name, title, approveBy }) => ({ name, title: title[language], approveBy }));

export const progressFor = ({ pass, bytes, totalBytes, rows }: ImportProgress) => ({
  phase: pass === 1 ? 'reading' : 'storing',
  bytes: BigInt(bytes),
  totalBytes: BigInt(totalBytes),
  rows: BigInt(rows),
});
