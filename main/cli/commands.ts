// The commands of assent-node: what each asks the node, and how the answer reads.
import { resolve } from 'node:path';
import {
  fileText,
  needed,
  table,
  text,
  texts,
  UsageError,
  whole,
  type Command,
  type Values,
} from '../../platform/cli.ts';
import { openDoor, type DoorOptions } from '../door.ts';
import { serve } from '../serve.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';
import { consentCommands } from './consent-commands.ts';
import { auditCommands } from './audit-commands.ts';
import { dataCommands } from './data-commands.ts';
import { ledgerCommands } from './ledger-commands.ts';
import { logCommands } from './log-commands.ts';
import { mappingCommands } from './mapping-commands.ts';
import { participationCommands } from './participation-commands.ts';
import { peopleCommands } from './people-commands.ts';
import { policyCommands } from './policy-commands.ts';
import { receiptCommands } from './receipt-commands.ts';
import { windowCommands } from './window-commands.ts';
import * as show from './show.ts';

const SETTINGS = {
  encoding: { type: 'string' },
  delimiter: { type: 'string' },
  quote: { type: 'string' },
  decimal: { type: 'string' },
  thousands: { type: 'string' },
  'date-format': { type: 'string' },
} as const;
const SETTINGS_USAGE =
  '[--encoding utf-8|utf-16le|utf-16be|windows-1252] [--delimiter ,|;|tab] [--quote C] [--decimal .|,] [--thousands C|space|none] [--date-format ymd|dmy|mdy|none]';

/** How a file is written, as a person says it: characters that a shell would eat may be spelt out. */
function settingsOf(values: Values) {
  const spelt: Record<string, string> = { tab: '\t', space: ' ', comma: ',', semicolon: ';', pipe: '|', point: '.' };
  const said = (name: string) => {
    const value = text(values, name) ?? '';
    return spelt[value] ?? value;
  };
  return {
    encoding: said('encoding'),
    delimiter: said('delimiter'),
    quote: said('quote'),
    decimal: said('decimal'),
    thousands: said('thousands'),
    dates: said('date-format'),
  };
}

function withPassword(proxy: string, password: string): string {
  const url = new URL(proxy);
  url.password = encodeURIComponent(password.replace(/\r?\n$/, ''));
  return url.href;
}

function doorOf(values: Values): DoorOptions | undefined {
  const listen = text(values, 'listen');
  if (listen === undefined) return undefined;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(listen) ?? [];
  if (host === undefined) throw new UsageError('--listen is HOST:PORT, for example 0.0.0.0:7443.');
  const [cert, key] = ['tls-cert', 'tls-key'].map((name) => Buffer.from(fileText(needed(values, name))));
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port), cert: cert!, key: key! };
}

export const commands: Record<string, Command<NodeCommandContext>> = {
  run: {
    usage: '[--port N] [--listen HOST:PORT --tls-cert FILE --tls-key FILE]',
    help: 'watch the coordinator, train approved rounds, send approved updates, until stopped; --listen lets people sign in from their own computers',
    arguments: [0, 0],
    options: {
      port: { type: 'string' },
      listen: { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
    },
    async run({ node }, _args, values, io) {
      const listen = doorOf(values);
      const server = await serve(node!, whole(values, 'port') ?? 0);
      const door = listen && (await openDoor(node!, listen));
      io.out(`listening on ${server.url}\n`);
      if (door) io.out(`people sign in at ${door.url}\n`);
      try {
        await node!.run(io.signal);
      } finally {
        await door?.close();
        await server.close();
      }
    },
  },
  ...peopleCommands,
  ...windowCommands,
  status: asking('', 'how this node stands', async ({ calls, io }) => io.out(show.status(await calls.getStatus({})))),
  enrol: asking(
    '--invitation FILE --fingerprint "12345 ..."',
    'ask the coordinator to take this institution in; type its fingerprint as its operator reads it to you',
    async ({ calls, values, io }) => {
      const invitation = fileText(needed(values, 'invitation'));
      const { member, consortium, fingerprint } = await calls.enrol({
        invitation,
        fingerprint: needed(values, 'fingerprint'),
      });
      io.out(`Asked to join ${consortium} as ${member}; it leaves as soon as the node runs (assent-node run).\n`);
      io.out(`Read this fingerprint to the coordinator’s operator, who types it to admit you:\n  ${fingerprint}\n`);
    },
    { invitation: { type: 'string' }, fingerprint: { type: 'string' } },
  ),
  inspect: asking(
    `FILE ${SETTINGS_USAGE}`,
    'look at the beginning of a file: how it is written, its columns and some values; nothing is kept',
    async ({ calls, args, values, io }) =>
      io.out(show.inspection(await calls.inspectFile({ path: resolve(args[0]!), settings: settingsOf(values) }))),
    SETTINGS,
  ),
  network: asking(
    '[--proxy URL|none|environment] [--proxy-password-file FILE] [--ca FILE|none]',
    'show or set the way to the coordinator: a proxy, and the authority (PEM file) that signed its certificate',
    async ({ calls, values, io }) => {
      const [proxy, password, ca] = ['proxy', 'proxy-password-file', 'ca'].map((name) => text(values, name));
      if (password !== undefined && (proxy === undefined || !URL.canParse(proxy)))
        throw new UsageError('--proxy-password-file goes with --proxy http://USER@HOST:PORT.');
      const said = await calls.setNetwork({
        ...(proxy !== undefined && { proxy: password === undefined ? proxy : withPassword(proxy, fileText(password)) }),
        ...(ca !== undefined && { ca: ca === 'none' ? ca : fileText(ca) }),
      });
      io.out(
        table([
          ['Proxy', said.proxy],
          ['Authorities', said.ca === '' ? 'those that Node trusts' : `of the imported file, SHA-256 ${said.ca}`],
        ]),
      );
    },
    { proxy: { type: 'string' }, 'proxy-password-file': { type: 'string' }, ca: { type: 'string' } },
  ),
  import: asking(
    `FILE --name NAME [--id-column NAME] [--text-column NAME ...] [--again] ${SETTINGS_USAGE}`,
    'import a CSV or Parquet file as a data set; what is not said is detected (see inspect)',
    async ({ calls, args, values, io }) => {
      const path = resolve(args[0]!);
      const asked = {
        path,
        name: needed(values, 'name'),
        settings: settingsOf(values),
        again: values['again'] === true,
        idColumn: text(values, 'id-column') ?? '',
        textColumns: texts(values, 'text-column'),
      };
      for await (const { kind } of calls.importDataset(asked, { signal: io.signal })) {
        if (kind.case === 'progress') io.err(show.importing(kind.value));
        else if (kind.case === 'dataset')
          io.out(`Imported ${kind.value.rows} rows of ${kind.value.columns} columns as data set ${kind.value.id}\n`);
      }
    },
    {
      name: { type: 'string' },
      'id-column': { type: 'string' },
      'text-column': { type: 'string', multiple: true },
      again: { type: 'boolean' },
      ...SETTINGS,
    },
  ),
  datasets: asking('', 'list the data sets', async ({ calls, io }) => {
    const { datasets } = await calls.listDatasets({});
    const rows = datasets.map((d) => [d.id, d.name, String(d.rows), String(d.columns), d.importedAt, d.file]);
    io.out(table([['ID', 'NAME', 'ROWS', 'COLUMNS', 'IMPORTED', 'FILE'], ...rows]));
  }),
  'delete-dataset': asking('ID', 'destroy a data set and its key, on record', async ({ calls, args, io }) => {
    await calls.deleteDataset({ dataset: args[0]! });
    io.out('Deleted; its key is destroyed.\n');
  }),
  ...dataCommands,
  studies: asking('', 'list the studies that the coordinator announced', async ({ calls, values, io }) => {
    const { studies } = await calls.listStudies({ locale: localeOf(values) });
    io.out(studies.length === 0 ? 'No study was announced yet.\n' : studies.map(show.study).join('\n'));
  }),
  ...mappingCommands,
  ...participationCommands,
  ...receiptCommands,
  rounds: asking('[STUDY]', 'list the rounds', async ({ calls, args, io }) => {
    const { rounds } = await calls.listRounds({ study: args[0] ?? '', limit: 1000 });
    io.out(rounds.length === 0 ? 'No round was offered yet.\n' : show.rounds(rounds));
  }),
  ...consentCommands,
  ...policyCommands,
  'train-local': asking(
    'STUDY',
    'train your own model on your own rows, to compare; it never leaves',
    async ({ calls, args, io }) => {
      for await (const { kind } of calls.trainLocal({ study: args[0]! })) {
        if (kind.case === 'progress') io.err(show.training(kind.value));
        else if (kind.case === 'model') io.out(`Own model, on own test rows: ${show.scores(kind.value)}\n`);
      }
    },
  ),
  models: asking('STUDY', 'the consortium’s model and your own, on your own test rows', async ({ calls, args, io }) => {
    const { consortium, local } = await calls.getModels({ study: args[0]! });
    io.out(`Consortium  ${consortium ? show.scores(consortium) : 'not there yet: the study is not over'}\n`);
    io.out(`Own         ${local ? show.scores(local) : `not trained: assent-node train-local ${args[0]!}`}\n`);
  }),
  'save-model': asking(
    'STUDY [--round N] --out FILE',
    'write a model to a file (safetensors): that of a round, or your own',
    async ({ calls, args, values, io }) => {
      const path = resolve(needed(values, 'out'));
      const { modelHash } = await calls.saveModel({ study: args[0]!, round: whole(values, 'round') ?? 0, path });
      io.out(`Wrote ${path}\nSHA-256 ${modelHash}\n`);
    },
    { round: { type: 'string' }, out: { type: 'string' } },
  ),
  ...auditCommands,
  ...ledgerCommands,
  ...logCommands,
};
