// A command that asks a node: the calls it has, and how refusals come out.
import type { Client } from '@connectrpc/connect';
import { Locale, type NodeService } from '../../shared/gen/assent/v1/node_pb.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { text, UsageError, wordsOf, type Command, type Io, type Values } from '../../platform/cli.ts';
import type { AssentNode } from '../node.ts';
import type { SignedIn } from './signing-in.ts';

export type NodeCommandContext = {
  /** Undefined where the node is on another machine. */
  home: string | undefined;
  /** Only for `run`, which owns the store. */
  node: AssentNode | undefined;
  calls: Client<typeof NodeService> | undefined;
  signedIn: SignedIn;
  /** Whether the calls go to a node that runs on its own. */
  running: boolean;
};

type Calls = Client<typeof NodeService>;
export type Asked = {
  calls: Calls;
  /** The caller's: typing it signs. */
  password(): Promise<string>;
  signedIn: SignedIn;
  running: boolean;
  args: string[];
  values: Values;
  io: Io;
};

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
    async run({ calls, signedIn, running }, args, values, io) {
      try {
        await signedIn.begin(calls!);
        try {
          await ask({ calls: calls!, password: signedIn.password, signedIn, running, args, values, io });
        } finally {
          await signedIn.end(calls!);
        }
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw fromWire(error, 'NODE_UNREACHABLE');
      }
    },
  };
}
