// The command that says who outside this store has seen how much of its log.
import { table, type Command } from '../../platform/cli.ts';
import * as show from '../../platform/show-anchors.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';
import { SECOND, secondOf } from './signing-in.ts';

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
  'audit successor': asking(
    '[--second LOGIN]',
    'end a log that is behind its own anchor and go on under a new key; two admins sign; open rounds and policies are given up',
    async ({ calls, password, values, io }) => {
      const locale = localeOf(values);
      const { anchor, successor } = await calls.listAnchors({ locale });
      if (!successor) return io.out(`Nobody holds more of ${anchor!.origin} than this store: it needs no successor.\n`);
      io.out(`You sign: ${successor.statement}\n`);
      const own = await password();
      const second = await secondOf(values, io);
      const { anchored } = successor;
      const { origin, kept } = await calls.startSuccessor({ anchored, locale, password: own, ...second });
      io.out(`The log is ${origin} now; the first ${kept} records are known to be those of ${anchor!.origin}.\n`);
    },
    SECOND,
  ),
};
