// The node without a window: a command line that talks to the running node, or opens the store itself when none runs.
import {
  createClient,
  createRouterTransport,
  type Client,
  type Interceptor,
  type Transport,
} from '@connectrpc/connect';
import { resolve } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import {
  fileText,
  needed,
  newPassphraseOf,
  passphraseOf,
  processIo,
  runCommand,
  text,
  UsageError,
  type Io,
  type Values,
} from '../platform/cli.ts';
import { selfTest } from '../platform/crypto.ts';
import { localTransport, readAddress } from '../platform/local-client.ts';
import { remoteTransport } from '../platform/remote-client.ts';
import { folderInUse } from '../platform/sqlite.ts';
import type { NodeCommandContext } from './cli/asking.ts';
import { commands } from './cli/commands.ts';
import { SIGNING_IN, signingIn } from './cli/signing-in.ts';
import { openNode, type NodeOptions } from './node.ts';
import { nodeRoutes } from './routes.ts';
import { addressFile, storeExists } from './store/open.ts';
import type { TrainingSettings } from './training/trainer.ts';

/** What a person starts with; any other command in a folder without a store is a mistyped folder. */
const MAKES_A_STORE: ReadonlySet<string> = new Set(['run', 'set-up']);

const COMMON = {
  home: { type: 'string' },
  'passphrase-file': { type: 'string' },
  device: { type: 'string' },
  threads: { type: 'string' },
  'memory-limit': { type: 'string' },
  // A node on another machine, in the place of a folder here.
  node: { type: 'string' },
  'node-ca': { type: 'string' },
  ...SIGNING_IN,
} as const;

/** Parts that a test may replace; everything else is the product. */
export type Overrides = Pick<NodeOptions, 'clock' | 'openProblem'>;

export async function main(argv: readonly string[], io: Io, overrides: Overrides = {}): Promise<number> {
  selfTest();
  return runCommand(
    'assent-node',
    commands,
    COMMON,
    argv,
    io,
    async (name, values): Promise<{ context: NodeCommandContext; close(): Promise<void> }> => {
      const url = text(values, 'node');
      if (url !== undefined && name !== 'run') {
        const ca = text(values, 'node-ca');
        const signedIn = signingIn(undefined, values, io);
        const transport = remoteTransport(url, ca && fileText(ca), [signedIn.interceptor]);
        const context = { node: undefined, calls: clientOf(transport), signedIn, running: true, home: undefined };
        return { context, close: async () => {} };
      }
      const home = resolve(text(values, 'home') ?? io.env['ASSENT_HOME'] ?? needed(values, 'home'));
      const passphrase = () => passphraseOf(values, io);
      const own = async (): Promise<Awaited<ReturnType<typeof openNode>>> => {
        if (!storeExists(home) && !MAKES_A_STORE.has(name))
          throw new AssentError('STORE_MISSING', `${home} holds no store of a node.`, { home });
        return openNode({
          home,
          passphrase: storeExists(home) ? await passphrase() : await newPassphraseOf(values, io),
          training: trainingOf(values),
          say: (line) => io.err(`${line}\n`),
          ...overrides,
        });
      };
      const signedIn = signingIn(home, values, io);
      if (name === 'run') {
        const node = await own();
        return { context: { node, calls: undefined, signedIn, running: true, home }, close: () => node.close() };
      }
      const running = await runningNode(home, [signedIn.interceptor]);
      if (running)
        return {
          context: { node: undefined, calls: clientOf(running), signedIn, running: true, home },
          close: async () => {},
        };
      const node = await own();
      const transport = createRouterTransport(nodeRoutes(node), {
        transport: { interceptors: [signedIn.interceptor] },
      });
      return {
        context: { node: undefined, calls: clientOf(transport), signedIn, running: false, home },
        close: () => node.close(),
      };
    },
  );
}

function clientOf(transport: Transport): Client<typeof NodeService> {
  return createClient(NodeService, transport);
}

/**
 * The node that owns this folder now, if one answers. The lock says whether one lives: behind the address that a dead one
 * left, a stranger may listen, and calls carry passphrases.
 */
async function runningNode(home: string, interceptors: Interceptor[]): Promise<Transport | undefined> {
  const address = folderInUse(home) ? readAddress(addressFile(home)) : undefined;
  if (!address) return undefined;
  const transport = localTransport(address, interceptors);
  try {
    await clientOf(transport).getStatus({}, { timeoutMs: 5_000 });
    return transport;
  } catch {
    return undefined; // just starting or ending; opening the store will say that it is in use
  }
}

function trainingOf(values: Values): TrainingSettings {
  const device = text(values, 'device') ?? 'auto';
  if (device !== 'auto' && device !== 'cpu' && device !== 'gpu') throw new UsageError('--device is auto, cpu or gpu.');
  const number = (name: string) => {
    const value = text(values, name);
    if (value === undefined) return undefined;
    if (!/^[1-9]\d{0,6}$/.test(value)) throw new UsageError(`--${name} is a whole number above 0.`);
    return Number(value);
  };
  return { device, threads: number('threads') ?? 'auto', memoryLimitMb: number('memory-limit') ?? 'none' };
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), processIo());
