// The commands about data sets that were imported: what is in them, and taking rows out.
import { fileText, needed, table, text, UsageError, type Command } from '../../platform/cli.ts';
import { asking, type NodeCommandContext } from './asking.ts';
import * as show from './show-quality.ts';

export const dataCommands: Record<string, Command<NodeCommandContext>> = {
  quality: asking(
    'DATASET [--target COLUMN]',
    'what is in each column, and what looks wrong; --target finds columns that give the answer away',
    async ({ calls, args, values, io }) => {
      const asked = { dataset: args[0]!, target: text(values, 'target') ?? '' };
      for await (const { kind } of calls.getQuality(asked, { signal: io.signal }))
        if (kind.case === 'progress') io.err(show.progress(kind.value));
        else if (kind.case === 'report') io.out(show.quality(kind.value));
    },
    { target: { type: 'string' } },
  ),
  withdraw: asking(
    'DATASET --ids FILE --id-column NAME',
    'take the rows with these ids (one a line) out of a data set for good; makes a new snapshot, on record',
    async ({ calls, args, values, io }) => {
      const idColumn = needed(values, 'id-column');
      const ids = fileText(needed(values, 'ids'))
        .replace(/^\uFEFF/, '')
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '');
      if (ids.length === 0) throw new UsageError('The file of --ids is empty; it holds one id a line.');
      for await (const { kind } of calls.withdrawRows({ dataset: args[0]!, idColumn, ids }, { signal: io.signal }))
        if (kind.case === 'progress') io.err(show.progress(kind.value));
        else if (kind.case === 'withdrawal') io.out(show.withdrawal(kind.value, new Set(ids).size));
    },
    { ids: { type: 'string' }, 'id-column': { type: 'string' } },
  ),
  snapshots: asking('DATASET', 'list the snapshots of a data set', async ({ calls, args, io }) => {
    const { snapshots } = await calls.listSnapshots({ dataset: args[0]! });
    const rows = snapshots.map((s) => [String(s.number), s.at, String(s.rows), String(s.withdrawn), s.hash]);
    io.out(table([['NUMBER', 'MADE', 'ROWS', 'WITHDRAWN', 'SNAPSHOT'], ...rows]));
  }),
};
