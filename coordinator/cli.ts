// The coordinator's command line: it talks to the running coordinator, or opens the store itself when none runs.
import { createClient, createRouterTransport, type Client } from '@connectrpc/connect';
import { resolve } from 'node:path';
import { AdminService } from '../shared/gen/assent/v1/admin_pb.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import {
  needed,
  newPassphraseOf,
  passphraseOf,
  processIo,
  runCommand,
  text,
  type Io,
  type Values,
} from '../platform/cli.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { selfTest } from '../platform/crypto.ts';
import { localTransport, readAddress } from '../platform/local-client.ts';
import { folderInUse } from '../platform/sqlite.ts';
import { adminHandlers } from './admin-handlers.ts';
import { commands, type CoordinatorCommandContext } from './commands.ts';
import { openCoordinator, type Coordinator } from './coordinator.ts';
import { addressFile } from './store/open.ts';

const COMMON = { home: { type: 'string' }, 'passphrase-file': { type: 'string' } } as const;

/** Exit codes: 0 done, 1 refused, 2 wrong usage. */
export async function main(argv: readonly string[], io: Io, clock: Clock = systemClock): Promise<number> {
  selfTest();
  return runCommand('assent-coordinator', commands, COMMON, argv, io, async (_name, values) =>
    contextOf(values, io, clock),
  );
}

function contextOf(
  values: Values,
  io: Io,
  clock: Clock,
): { context: CoordinatorCommandContext; close(): Promise<void> } {
  let own: Coordinator | undefined;
  const home = () => resolve(text(values, 'home') ?? io.env['ASSENT_HOME'] ?? needed(values, 'home'));
  const passphrase = () => passphraseOf(values, io);
  const report = (error: unknown) => io.err(`${String(error)}\n`);
  return {
    context: {
      home,
      clock,
      passphrase,
      newPassphrase: () => newPassphraseOf(values, io),
      async calls() {
        const running = await runningCoordinator(home());
        if (running) return running;
        const coordinator = (own = await openCoordinator({
          home: home(),
          passphrase: await passphrase(),
          clock,
          report,
        }));
        const handlers = adminHandlers({ ...coordinator, url: () => '' });
        return createClient(
          AdminService,
          createRouterTransport(({ service }) => service(AdminService, handlers), { router: servingOptions }),
        );
      },
    },
    async close() {
      await own?.conductor.idle();
      await own?.close();
    },
  };
}

/** The coordinator that owns this folder now, if one answers. */
async function runningCoordinator(home: string): Promise<Client<typeof AdminService> | undefined> {
  // Behind the address that a dead one left, a stranger may listen.
  const address = folderInUse(home) ? readAddress(addressFile(home)) : undefined;
  if (!address) return undefined;
  const calls = createClient(AdminService, localTransport(address));
  try {
    await calls.listMembers({}, { timeoutMs: 5_000 });
    return calls;
  } catch {
    return undefined; // left behind by one that was killed; the folder's lock decides who may open it
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), processIo());
