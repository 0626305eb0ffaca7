// The commands of assent-coordinator: what each asks the coordinator, and how the answer reads.
import type { Client } from '@connectrpc/connect';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AdminService } from '../shared/gen/assent/v1/admin_pb.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { fromWire } from '../shared/rpc/errors.ts';
import { readStudy, studyJsonSchema } from '../shared/study/study.ts';
import {
  fileText,
  needed,
  text,
  UsageError,
  whole,
  wordsOf,
  type Command,
  type Io,
  type Values,
} from '../platform/cli.ts';
import type { Clock } from '../platform/clock.ts';
import { primitives } from '../platform/crypto.ts';
import { anchors, exported } from '../platform/show-anchors.ts';
import { openCoordinator } from './coordinator.ts';
import { serve } from './server.ts';
import * as show from './show.ts';
import { createStore, refuseNew } from './store/open.ts';

export type CoordinatorCommandContext = {
  home(): string;
  clock: Clock;
  passphrase(): Promise<string>;
  newPassphrase(): Promise<string>;
  /** The coordinator that runs on this folder, or one in this process when none does. */
  calls(): Promise<Client<typeof AdminService>>;
};
type CoordinatorCommand = Command<CoordinatorCommandContext>;
type Asked = { calls: Client<typeof AdminService>; args: string[]; values: Values; io: Io };

/** A command that asks a coordinator, running or opened for it; errors come out as AssentErrors. */
function asking(
  usage: string,
  help: string,
  ask: (asked: Asked) => Promise<void>,
  options: NonNullable<CoordinatorCommand['options']> = {},
): CoordinatorCommand {
  return {
    usage,
    help,
    arguments: wordsOf(usage),
    options,
    async run({ calls }, args, values, io) {
      try {
        await ask({ calls: await calls(), args, values, io });
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw fromWire(error, 'COORDINATOR_UNREACHABLE');
      }
    },
  };
}

export const commands: Record<string, CoordinatorCommand> = {
  create: {
    usage: '--consortium ID [--name "..."]',
    help: 'make a consortium in the home folder, with keys of its own',
    arguments: [0, 0],
    options: { consortium: { type: 'string' }, name: { type: 'string' } },
    async run(context, _args, values, io) {
      const consortium = needed(values, 'consortium');
      const home = context.home();
      refuseNew({ home, consortium });
      const store = await createStore({
        home,
        passphrase: await context.newPassphrase(),
        consortium,
        name: text(values, 'name') ?? consortium,
        now: context.clock.now,
      });
      store.close();
      io.out(`Created consortium ${consortium} in ${home}\n`);
      io.out(`Its fingerprint, to be read aloud to members: ${fingerprint(primitives, store.keys)}\n`);
    },
  },
  run: {
    usage: '[--host ADDRESS] [--port N] [--tls-cert FILE --tls-key FILE]',
    help: 'serve members until stopped; plain HTTP on loopback addresses only',
    arguments: [0, 0],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
    },
    async run(context, _args, values, io) {
      const [cert, key] = [text(values, 'tls-cert'), text(values, 'tls-key')];
      if ((cert === undefined) !== (key === undefined)) throw new UsageError('--tls-cert and --tls-key go together.');
      const { clock } = context;
      const report = (error: unknown) =>
        io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      const coordinator = await openCoordinator({
        home: context.home(),
        passphrase: await context.passphrase(),
        clock,
        report,
        say: (line) => io.err(`${line}\n`),
      });
      try {
        const tls = cert !== undefined && key !== undefined ? { tls: { cert, key } } : {};
        const server = await serve(coordinator, {
          host: text(values, 'host') ?? '127.0.0.1',
          port: whole(values, 'port') ?? 7700,
          ...tls,
        });
        io.out(`listening on ${server.url}\n`);
        if (!io.signal.aborted) await new Promise((done) => io.signal.addEventListener('abort', done, { once: true }));
        await server.close();
      } finally {
        await coordinator.close();
      }
    },
  },
  invite: asking(
    'MEMBER --name "..." [--url URL] [--out FILE]',
    'make an invitation, good for one enrolment within 24 hours',
    async ({ calls, args, values, io }) => {
      const said = await calls.invite({
        member: args[0]!,
        name: needed(values, 'name'),
        url: text(values, 'url') ?? '',
      });
      const file = text(values, 'out');
      if (file === undefined) io.out(`${said.invitation}\n`);
      else writeFileSync(resolve(file), `${said.invitation}\n`, { mode: 0o600 });
      io.err(
        `Good until ${said.expires}. Hand it over outside the network, and read this fingerprint aloud: ${said.fingerprint}\n`,
      );
    },
    { name: { type: 'string' }, url: { type: 'string' }, out: { type: 'string' } },
  ),
  admit: asking(
    'MEMBER --fingerprint "12345 ..."',
    'admit a member that has enrolled; type its fingerprint as its staff read it to you',
    async ({ calls, args, values, io }) => {
      await calls.admit({ member: args[0]!, fingerprint: needed(values, 'fingerprint') });
      io.out(`${args[0]} is admitted.\n`);
    },
    { fingerprint: { type: 'string' } },
  ),
  members: asking('', 'list the members and this coordinator’s fingerprint', async ({ calls, io }) => {
    io.out(show.members(await calls.listMembers({})));
  }),
  remove: asking(
    'MEMBER [--reason TEXT]',
    'take a member out of the consortium',
    async ({ calls, args, values, io }) => {
      await calls.remove({ member: args[0]!, reason: text(values, 'reason') ?? '' });
      io.out(`${args[0]} is removed.\n`);
    },
    { reason: { type: 'string' } },
  ),
  'study check': local('FILE', 'say what a study file comes to, or what is wrong with it', (args) =>
    show.checked(readStudy(fileText(args[0]!))),
  ),
  'study schema': local(
    '',
    'print the JSON Schema of study files, for editors',
    () => `${JSON.stringify(studyJsonSchema(), null, 2)}\n`,
  ),
  'study start': asking(
    'FILE',
    'announce a study; rounds begin when enough members have joined',
    async ({ calls, args, io }) => {
      const { study, studyHash } = await calls.startStudy({ definition: fileText(args[0]!) });
      io.out(`Started study ${study}, hash ${studyHash}\n`);
    },
  ),
  'study pause': asking('STUDY', 'give up the open round and open no more', async ({ calls, args, io }) => {
    await calls.pauseStudy({ study: args[0]! });
    io.out(`${args[0]} is paused. Go on with: assent-coordinator study resume ${args[0]}\n`);
  }),
  'study resume': asking('STUDY', 'go on after a pause', async ({ calls, args, io }) => {
    await calls.resumeStudy({ study: args[0]! });
    io.out(`${args[0]} goes on.\n`);
  }),
  'study stop': asking(
    'STUDY [--reason TEXT]',
    'end a study for good',
    async ({ calls, args, values, io }) => {
      await calls.stopStudy({ study: args[0]!, reason: text(values, 'reason') ?? '' });
      io.out(`${args[0]} is stopped.\n`);
    },
    { reason: { type: 'string' } },
  ),
  status: asking(
    '[--watch]',
    'who waits for what, and since when',
    async ({ calls, values, io }) => {
      if (values['watch'] !== true) return io.out(show.status(await calls.getStatus({})));
      for await (const now of calls.watchStatus({}, { signal: io.signal })) io.out(`${show.status(now)}\n`);
    },
    { watch: { type: 'boolean' } },
  ),
  results: asking(
    'STUDY --out FOLDER',
    'write the model, the metrics of each round and who took part',
    async ({ calls, args, values, io }) => {
      const { files } = await calls.writeResults({ study: args[0]!, folder: resolve(needed(values, 'out')) });
      io.out(files.map((file) => `${file}\n`).join(''));
    },
    { out: { type: 'string' } },
  ),
  'audit export': asking(
    '--out FOLDER [--wait SECONDS]',
    'write the audit log for assent-verify, cosigned by those who answer within 20 seconds',
    async ({ calls, values, io }) => {
      const folder = resolve(needed(values, 'out'));
      const waitSeconds = whole(values, 'wait');
      const said = await calls.exportLog({ folder, ...(waitSeconds !== undefined && { waitSeconds }) });
      io.out(`${exported(said)}Check them with: assent-verify ${folder}\n`);
    },
    { out: { type: 'string' }, wait: { type: 'string' } },
  ),
  'audit anchors': asking(
    '',
    'who has cosigned how much of this log, and what was seen of members’',
    async ({ calls, io }) => io.out(anchors(await calls.listAnchors({}))),
  ),
  fingerprint: asking('', 'print this coordinator’s fingerprint, to be read aloud', async ({ calls, io }) => {
    io.out(`${(await calls.listMembers({})).fingerprint}\n`);
  }),
};

/** A command that needs no store. */
function local(usage: string, help: string, answer: (args: string[]) => string): CoordinatorCommand {
  return { usage, help, arguments: wordsOf(usage), run: async (_context, args, _values, io) => io.out(answer(args)) };
}
