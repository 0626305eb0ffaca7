// A command that asks a node: the calls it has, and how refusals come out.
import type { Client } from '@connectrpc/connect';
import { Locale, type NodeService } from '../../shared/gen/assent/v1/node_pb.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { text, UsageError, wordsOf, type Command, type Io, type Values } from '../../platform/cli.ts';
import type { AssentNode } from '../node.ts';

export type NodeCommandContext = {
  home: string;
  /** Only for `run`, which owns the store. */
  node: AssentNode | undefined;
  calls: Client<typeof NodeService> | undefined;
  passphrase(): Promise<string>;
};

type Calls = Client<typeof NodeService>;
export type Asked = { calls: Calls; passphrase(): Promise<string>; args: string[]; values: Values; io: Io };

export const localeOf = (values: Values): Locale => (text(values, 'locale') === 'zh' ? Locale.ZH : Locale.EN);

/** A command that asks a node, running or opened for it; errors come out as AssentErrors. */
export function asking(
  usage: string,
  help: string,
  ask: (asked: Asked) => Promise<void>,
  options: NonNullable<Command<NodeCommandContext>['options']> = {},
): Command<NodeCommandContext> {
  return {
    usage,
    help,
    arguments: wordsOf(usage),
    options: { locale: { type: 'string' }, ...options },
    async run({ calls, passphrase }, args, values, io) {
      try {
        await ask({ calls: calls!, passphrase, args, values, io });
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw fromWire(error, 'NODE_UNREACHABLE');
      }
    },
  };
}
