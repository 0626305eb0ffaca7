// The commands of assent-node: what each asks the node, and how the answer reads.
import { resolve } from 'node:path';
import { Decision, type RoundName } from '../../shared/gen/assent/v1/node_pb.ts';
import { fileText, needed, table, text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { serve } from '../serve.ts';
import { asking, type Asked, type NodeCommandContext } from './asking.ts';
import { dataCommands } from './data-commands.ts';
import { mappingCommands } from './mapping-commands.ts';
import { receiptCommands } from './receipt-commands.ts';
import { localeOf, roundName } from './round-name.ts';
import * as show from './show.ts';

async function decide(decision: Decision, { calls, passphrase, args, values, io }: Asked): Promise<void> {
  const name = roundName(args, values);
  const reason = needed(values, 'reason');
  const locale = localeOf(values);
  const round = await calls.getRound({ name, locale });
  io.out(show.round(round));
  io.out(`\nYou sign: ${decision === Decision.APPROVE ? round.approveStatement : round.declineStatement}\n`);
  const signed = await calls.decideRound({
    name: round.summary!.name as RoundName,
    planHash: round.planHash,
    decision,
    reason,
    passphrase: await passphrase(),
    locale,
  });
  io.out(`Signed and recorded. ${decision === Decision.APPROVE ? 'Approval' : 'Refusal'} ${signed.approvalHash}\n`);
}

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

const DECIDE = { reason: { type: 'string' }, attempt: { type: 'string' } } as const;

export const commands: Record<string, Command<NodeCommandContext>> = {
  run: {
    usage: '[--port N]',
    help: 'watch the coordinator, train approved rounds, send approved updates, until stopped',
    arguments: [0, 0],
    options: { port: { type: 'string' } },
    async run({ node }, _args, values, io) {
      const server = await serve(node!, whole(values, 'port') ?? 0);
      io.out(`listening on ${server.url}\n`);
      try {
        await node!.run(io.signal);
      } finally {
        await server.close();
      }
    },
  },
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
    `FILE --name NAME [--id-column NAME] [--again] ${SETTINGS_USAGE}`,
    'import a CSV or Parquet file as a data set; what is not said is detected (see inspect)',
    async ({ calls, args, values, io }) => {
      const path = resolve(args[0]!);
      const asked = {
        path,
        name: needed(values, 'name'),
        settings: settingsOf(values),
        again: values['again'] === true,
        idColumn: text(values, 'id-column') ?? '',
      };
      for await (const { kind } of calls.importDataset(asked, { signal: io.signal })) {
        if (kind.case === 'progress') io.err(show.importing(kind.value));
        else if (kind.case === 'dataset')
          io.out(`Imported ${kind.value.rows} rows of ${kind.value.columns} columns as data set ${kind.value.id}\n`);
      }
    },
    { name: { type: 'string' }, 'id-column': { type: 'string' }, again: { type: 'boolean' }, ...SETTINGS },
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
  ...receiptCommands,
  rounds: asking('[STUDY]', 'list the rounds', async ({ calls, args, io }) => {
    const { rounds } = await calls.listRounds({ study: args[0] ?? '', limit: 1000 });
    io.out(rounds.length === 0 ? 'No round was offered yet.\n' : show.rounds(rounds));
  }),
  show: asking(
    'STUDY ROUND [--attempt N]',
    'what a round is for and exactly what would leave',
    async ({ calls, args, values, io }) => {
      const round = await calls.getRound({ name: roundName(args, values), locale: localeOf(values) });
      io.out(show.round(round));
    },
    { attempt: { type: 'string' } },
  ),
  approve: asking(
    'STUDY ROUND --reason TEXT',
    'approve a round: your passphrase signs',
    (asked) => decide(Decision.APPROVE, asked),
    DECIDE,
  ),
  decline: asking(
    'STUDY ROUND --reason TEXT',
    'decline a round: your passphrase signs',
    (asked) => decide(Decision.DECLINE, asked),
    DECIDE,
  ),
  policy: asking(
    'STUDY [--rounds N --attempts N --bytes N --norm X --cohort N --days N | --revoke]',
    'sign (or revoke) a standing policy within which rounds are approved without asking',
    async ({ calls, passphrase, args, values, io }) => {
      const study = args[0]!;
      if (values['revoke'] === true) {
        await calls.revokePolicy({ study });
        return io.out(`Revoked. From now on every round of ${study} waits for a person.\n`);
      }
      const norm = text(values, 'norm');
      if (norm !== undefined && !(Number(norm) > 0)) throw new UsageError('--norm is a number above 0.');
      const signed = await calls.signPolicy({
        study,
        rounds: whole(values, 'rounds') ?? 0,
        attempts: whole(values, 'attempts') ?? 0,
        bytes: whole(values, 'bytes') ?? 0,
        norm: norm === undefined ? 0 : Number(norm),
        cohort: whole(values, 'cohort') ?? 0,
        days: whole(values, 'days') ?? 0,
        passphrase: await passphrase(),
        locale: localeOf(values),
      });
      io.out(`You signed: ${signed.meaning}\nPolicy ${signed.policyHash}\n`);
    },
    {
      rounds: { type: 'string' },
      attempts: { type: 'string' },
      bytes: { type: 'string' },
      norm: { type: 'string' },
      cohort: { type: 'string' },
      days: { type: 'string' },
      revoke: { type: 'boolean' },
    },
  ),
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
  'audit export': asking(
    '--out FOLDER',
    'write the audit log so that anybody can verify it (assent-verify FOLDER)',
    async ({ calls, values, io }) => {
      const folder = resolve(needed(values, 'out'));
      const { size, root } = await calls.exportAuditLog({ folder });
      io.out(`Wrote ${size} records to ${folder}\nRoot ${root}\n`);
    },
    { out: { type: 'string' } },
  ),
};
