// The command about receipts: what each state shows and what not, and the file to hand on.
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ReceiptState } from '../../shared/gen/assent/v1/node_pb.ts';
import { AssentError } from '../../shared/errors.ts';
import { text, type Command } from '../../platform/cli.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';
import { roundName } from './round-name.ts';

export const receiptCommands: Record<string, Command<NodeCommandContext>> = {
  receipt: asking(
    'STUDY ROUND [--attempt N] [--out FILE]',
    'what the coordinator’s log shows of your update in a round, and what not; --out writes it for others (assent-verify FILE)',
    async ({ calls, args, values, io }) => {
      const out = text(values, 'out');
      const receipt = await calls.getReceipt({ name: roundName(args, values), locale: localeOf(values) });
      for (const state of receipt.states) io.out(`${headline(state)}\n  ${state.words}\n`);
      if (out === undefined) return;
      if (receipt.file.length === 0)
        throw new AssentError(
          'RECEIPT_UNKNOWN',
          'There is nothing to write yet: the coordinator still owes the receipt.',
        );
      const path = resolve(out);
      await writeFile(`${path}.part`, receipt.file);
      await rename(`${path}.part`, path);
      io.out(`Wrote ${path}\nCheck it with: assent-verify ${path} --key ${receipt.logVkey}\n`);
    },
    { attempt: { type: 'string' }, out: { type: 'string' } },
  ),
};

const headline = ({ state, result, code, at }: ReceiptState): string =>
  result === 'due' ? `${state}: due` : `${state}: ${result === 'refused' ? `REFUSED (${code})` : result}, ${at}`;
