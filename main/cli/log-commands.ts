// The command that says who outside this store has seen how much of its log.
import { table, type Command } from '../../platform/cli.ts';
import * as show from '../../platform/show-anchors.ts';
import { asking, type NodeCommandContext } from './asking.ts';

export const logCommands: Record<string, Command<NodeCommandContext>> = {
  'audit anchors': asking(
    '',
    'who has cosigned how much of this log, and what was seen of others',
    async ({ calls, io }) => {
      const said = await calls.listAnchors({});
      io.out(show.anchors(said));
      if (said.logs.length > 1) {
        const rows = said.logs.map(({ vkey, since, until }) => [
          vkey.split('+')[0]!,
          String(since),
          until === 0n ? 'written now' : String(until),
          vkey,
        ]);
        io.out(
          `\nLogs of this store (audit export --log NAME)\n${table([['NAME', 'AFTER', 'UP TO', 'KEY'], ...rows])}`,
        );
      }
    },
  ),
};
