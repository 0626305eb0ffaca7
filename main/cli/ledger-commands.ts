// The commands about what left this node, and about what is kept.
import {
  OutboundDay_State,
  type OutboundDay,
  type OutboundRow,
  type Retention,
} from '../../shared/gen/assent/v1/node_pb.ts';
import { decodeUtf8 } from '../../shared/wire/canonical.ts';
import { needed, table, text, UsageError, whole, type Command } from '../../platform/cli.ts';
import { asking, type NodeCommandContext } from './asking.ts';

const saidRetention = (retention: Retention | undefined) =>
  table([
    ['Kept for', `${retention!.years} years`],
    ['Legal hold', retention!.hold ? 'yes: nothing is removed or erased' : 'no'],
  ]);

export const ledgerCommands: Record<string, Command<NodeCommandContext>> = {
  'audit erase': asking(
    '--person LOGIN | --dataset ID | --commitment HASH, and --reason TEXT',
    'erase what opens commitments of the log (admin): what a person is called and wrote, or a data set was called; the log stays',
    async ({ calls, values, io, password }) => {
      const [person, dataset, commitment] = ['person', 'dataset', 'commitment'].map((name) => text(values, name));
      const asked = [
        ...(person === undefined ? [] : [{ case: 'person' as const, value: person }]),
        ...(dataset === undefined ? [] : [{ case: 'dataset' as const, value: dataset }]),
        ...(commitment === undefined ? [] : [{ case: 'commitment' as const, value: commitment }]),
      ];
      if (asked.length !== 1) throw new UsageError('Say one of --person LOGIN, --dataset ID, --commitment HASH.');
      const reason = needed(values, 'reason');
      const { erased } = await calls.eraseOpenings({ what: asked[0]!, reason, password: await password() });
      io.out(`Erased ${erased} openings, on record. The log verifies as before.\n`);
    },
    {
      person: { type: 'string' },
      dataset: { type: 'string' },
      commitment: { type: 'string' },
      reason: { type: 'string' },
    },
  ),
  retention: asking(
    '[--years N] [--hold on|off] [--reason TEXT]',
    'show or change (admin) for how many years things are kept; a hold keeps all of it until it is ended',
    async ({ calls, values, io, password }) => {
      const [years, hold] = [whole(values, 'years'), text(values, 'hold')];
      if (hold !== undefined && hold !== 'on' && hold !== 'off') throw new UsageError('--hold is on or off.');
      if (years === undefined && hold === undefined)
        return io.out(saidRetention((await calls.getRetention({})).retention));
      const { retention } = await calls.setRetention({
        ...(years !== undefined && { years }),
        ...(hold !== undefined && { hold: hold === 'on' }),
        reason: needed(values, 'reason'),
        password: await password(),
      });
      io.out(saidRetention(retention));
    },
    { years: { type: 'string' }, hold: { type: 'string' }, reason: { type: 'string' } },
  ),
  'audit outbound': asking(
    '[--from DAY] [--to DAY] [--purpose PURPOSE] [--study STUDY] [--days | --lines]',
    'what left this node, request by request (UTC); --days sums it and checks it against the log, --lines writes rows as they are hashed',
    async ({ calls, values, io }) => {
      const [from = '', to = '', purpose = '', study = ''] = ['from', 'to', 'purpose', 'study'].map((name) =>
        text(values, name),
      );
      if (values['days'] === true) return io.out(days((await calls.listOutboundDays({ from, to })).days));
      const lines = values['lines'] === true;
      if (!lines) io.out(table([HEADINGS]));
      for (let after = 0n; ;) {
        const { rows, next } = await calls.listOutbound({ from, to, purpose, study, after });
        if (lines) for (const { record } of rows) io.out(`${decodeUtf8(record)}\n`);
        else if (rows.length > 0) io.out(table(rows.map(shown)));
        if (next === 0n) return;
        after = next;
      }
    },
    {
      from: { type: 'string' },
      to: { type: 'string' },
      purpose: { type: 'string' },
      study: { type: 'string' },
      days: { type: 'boolean' },
      lines: { type: 'boolean' },
    },
  ),
};

const HEADINGS = ['AT'.padEnd(24), 'PURPOSE'.padEnd(9), 'FOR'.padEnd(20), 'BYTES'.padEnd(9), 'ANSWER'.padEnd(12), 'TO'];

function shown(row: OutboundRow): string[] {
  const what = row.round > 0 ? `${row.study} ${row.round}/${row.attempt}` : row.study;
  const bytes = row.headBytes === undefined ? `up to ${row.bodyBytes}` : String(row.headBytes + row.bodyBytes);
  const answer = [row.status > 0 ? String(row.status) : '', row.error].filter((part) => part !== '').join(' ');
  const again = row.try > 1 ? ` (try ${row.try})` : '';
  const to = `${row.method} ${row.url}${again}`;
  return [row.at, row.purpose.padEnd(9), what.padEnd(20), bytes.padEnd(9), answer.padEnd(12), to];
}

const STATES: Readonly<Record<OutboundDay_State, string>> = {
  [OutboundDay_State.UNSPECIFIED]: '',
  [OutboundDay_State.OPEN]: 'not on record yet',
  [OutboundDay_State.SUMMED]: 'on record, agrees',
  [OutboundDay_State.DIFFERS]: 'DIFFERS FROM THE RECORD',
  [OutboundDay_State.REMOVED]: 'on record, rows not kept any longer',
};

function days(all: OutboundDay[]): string {
  if (all.length === 0) return 'Nothing left on these days.\n';
  const rows = all.map((day) => [
    day.day,
    String(day.rows),
    String(day.bytes),
    day.purposes.map(({ purpose, bytes }) => `${purpose} ${bytes}`).join(', '),
    STATES[day.state] ?? '',
    day.sha256,
  ]);
  return table([['DAY', 'REQUESTS', 'BYTES', 'BY PURPOSE', 'STATE', 'SHA-256'], ...rows]);
}
