// The commands about data sets that were imported: what is in them.
import { text, type Command } from '../../platform/cli.ts';
import { asking, type NodeCommandContext } from './asking.ts';
import * as show from './show-quality.ts';

export const dataCommands: Record<string, Command<NodeCommandContext>> = {
  quality: asking(
    'DATASET [--target COLUMN]',
    'what is in each column, and what looks wrong; --target finds columns that give the answer away',
    async ({ calls, args, values, io }) => {
      io.out(show.quality(await calls.getQuality({ dataset: args[0]!, target: text(values, 'target') ?? '' })));
    },
    { target: { type: 'string' } },
  ),
};
