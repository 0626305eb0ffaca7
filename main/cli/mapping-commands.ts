// The commands about mappings: try one, save it, apply it to the next file, move a study with it.
import { existsSync, writeFileSync } from 'node:fs';
import { AssentError } from '../../shared/errors.ts';
import type { CheckMappingResponse, DraftMappingResponse } from '../../shared/gen/assent/v1/node_pb.ts';
import { fileText, needed, table, text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { asking, localeOf, type Asked, type NodeCommandContext } from './asking.ts';

/** How a person names the mapping to use. */
export const CHOICE = {
  dataset: { type: 'string' },
  mapping: { type: 'string' },
  version: { type: 'string' },
} as const;

/** The mapping that a person named: a file, a saved version, or else the suggested one. */
export function choiceOf(values: Values, version = whole(values, 'version') ?? 0) {
  const file = text(values, 'mapping');
  if (file !== undefined && version > 0) throw new UsageError('Give --mapping or --version, not both.');
  return { mapping: file === undefined ? '' : fileText(file), version };
}

export const mappingCommands: Record<string, Command<NodeCommandContext>> = {
  check: asking(
    'STUDY --dataset ID [--mapping FILE | --version N] [--draft FILE]',
    'try a mapping on every row; prints the mapping and why rows cannot be used, and writes one to fill in',
    async ({ calls, args, values, io }) => {
      const dataset = needed(values, 'dataset');
      const asked = { study: args[0]!, dataset, ...choiceOf(values), locale: localeOf(values) };
      const file = text(values, 'draft');
      // The draft first: what it leaves open may be why the mapping cannot be tried yet.
      if (file !== undefined) io.out(draftText(file, await writeDraft(file, () => calls.draftMapping(asked))));
      const report = await calls.checkMapping(asked);
      io.out(`${pretty(report.mapping)}${reportText(report)}`);
    },
    { ...CHOICE, draft: { type: 'string' } },
  ),
  'mapping save': asking(
    'STUDY --dataset ID [--mapping FILE]',
    'save a mapping, the suggested one or yours, as the next version',
    async ({ calls, args, values, io }) => {
      const asked = { study: args[0]!, dataset: needed(values, 'dataset'), mapping: choiceOf(values).mapping };
      const { version, columns, hash } = (await calls.saveMapping(asked)).saved!;
      io.out(`Saved as version ${version}: ${columns} columns, SHA-256 ${hash}\n`);
    },
    { dataset: CHOICE.dataset, mapping: CHOICE.mapping },
  ),
  'mapping list': asking(
    'STUDY [--version N]',
    'list the saved mappings of a study; --version prints one',
    async ({ calls, args, values, io }) => {
      const { mappings } = await calls.listMappings({ study: args[0]! });
      const wanted = whole(values, 'version');
      if (wanted !== undefined) {
        const found = mappings.find(({ version }) => version === wanted);
        if (!found) throw new UsageError(`There is no version ${wanted}.`);
        return io.out(pretty(found.mapping));
      }
      const rows = mappings.map((m) => [String(m.version), m.savedAt, String(m.columns), m.hash]);
      io.out(
        rows.length === 0
          ? 'No mapping was saved yet.\n'
          : table([['VERSION', 'SAVED', 'COLUMNS', 'SHA-256'], ...rows]),
      );
    },
    { version: CHOICE.version },
  ),
  'mapping apply': asking(
    'STUDY --dataset ID [--version N]',
    'try a saved mapping (the latest) on another data set of the same shape',
    async (asked) => {
      const { calls, args, values, io } = asked;
      const version = await savedVersion(asked);
      const report = await calls.checkMapping({ study: args[0]!, dataset: needed(values, 'dataset'), version });
      io.out(`Version ${version}\n${reportText(report)}`);
    },
    { dataset: CHOICE.dataset, version: CHOICE.version },
  ),
  move: asking(
    'STUDY --dataset ID [--mapping FILE | --version N]',
    'let a joined study use another data set from now on, under its mapping or the one named; on record',
    async ({ calls, password, args, values, io }) => {
      const about = { study: args[0]!, dataset: needed(values, 'dataset'), locale: localeOf(values) };
      const { statement } = await calls.getJoinStatement({ ...about, move: true });
      io.out(`You sign: ${statement}\n`);
      const asked = { ...about, ...choiceOf(values), password: await password() };
      const { rows, usable, policyEnded } = await calls.moveStudy(asked);
      io.out(`Moved ${asked.study} to ${asked.dataset}: ${usable} of ${rows} rows can be used.\n`);
      io.out('Rounds that were approved before need a new approval.\n');
      if (policyEnded)
        io.out(`The standing policy ended with the old data set. Sign another: assent-node policy ${asked.study}\n`);
    },
    CHOICE,
  ),
};

async function savedVersion({ calls, args, values }: Asked): Promise<number> {
  const { mappings } = await calls.listMappings({ study: args[0]! });
  const latest = mappings.at(-1)?.version;
  if (latest === undefined) throw new UsageError(`No mapping of ${args[0]!} was saved. Run: assent-node mapping save`);
  return whole(values, 'version') || latest;
}

const SHOWN = 20;
const listed = (all: readonly string[]): string => {
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more (--draft FILE writes all)` : '';
  return `${all
    .slice(0, SHOWN)
    .map((value) => `"${value}"`)
    .join(', ')}${more}`;
};

const pretty = (json: string): string => `${JSON.stringify(JSON.parse(json), null, 2)}\n`;

/** Overwrites nothing: a draft that a person has worked on is theirs. Throws FILE_EXISTS, FILE_UNREADABLE. */
async function writeDraft(file: string, ask: () => Promise<DraftMappingResponse>): Promise<DraftMappingResponse> {
  if (existsSync(file))
    throw new AssentError('FILE_EXISTS', `${file} exists; give the draft another name.`, { path: file });
  const draft = await ask();
  try {
    writeFileSync(file, draft.mapping, { flag: 'wx' });
  } catch (cause) {
    throw new AssentError('FILE_UNREADABLE', `The draft cannot be written to ${file}.`, { path: file }, cause);
  }
  return draft;
}

function draftText(file: string, { columns, values, unused }: DraftMappingResponse): string {
  const open = [
    ...(columns > 0 ? [`${columns} of the study’s columns`] : []),
    ...(values > 0 ? [`${values} local values`] : []),
  ];
  const what = open.length === 0 ? 'nothing is left to say' : `say what "" stands for in ${open.join(' and ')}`;
  const left = unused.map(({ name, type }) => `${name} (${type === 'text' ? 'text, not kept' : type})`);
  return `Wrote ${file}: ${what}.\n${left.length === 0 ? '' : `Local columns without use: ${left.join(', ')}\n`}\n`;
}

function reportText({ rows, usable, refused, columns, identifiers }: CheckMappingResponse): string {
  const lines = columns.map(({ name, column, missing, clipped, unmatched, likelyUnit, wants }) => {
    const notes = [
      ...(missing > 0n ? [`${missing} missing`] : []),
      ...(clipped > 0n ? [`${clipped} clipped to the study's range`] : []),
      ...(unmatched.length > 0 ? [`no category of the study: ${listed(unmatched)}`] : []),
      ...(column === '' || unmatched.length > 0 ? [`the study wants ${wants}`] : []),
      ...(likelyUnit === '' ? [] : [`the values look like ${likelyUnit}; say "unit": "${likelyUnit}"`]),
    ];
    return [`  ${name}`, column === '' ? '(no column: missing in every row)' : `<- ${column}`, notes.join('; ')];
  });
  const left = identifiers.map(({ column, reason }) => `  ${column} is not suggested: ${reason}\n`);
  const why = refused.map(({ reason, rows: n }) => `  ${n} cannot: ${reason}\n`);
  return `${table(lines)}${left.join('')}${usable} of ${rows} rows can be used.\n${why.join('')}`;
}
