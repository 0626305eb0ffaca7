// The commands about mappings: try one, save it, apply it to the next file.
import type { CheckMappingResponse } from '../../shared/gen/assent/v1/node_pb.ts';
import { fileText, needed, table, text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { asking, type Asked, type NodeCommandContext } from './asking.ts';

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
    'STUDY --dataset ID [--mapping FILE | --version N]',
    'try a mapping on every row; prints the mapping and why rows cannot be used',
    async ({ calls, args, values, io }) => {
      const report = await calls.checkMapping({
        study: args[0]!,
        dataset: needed(values, 'dataset'),
        ...choiceOf(values),
      });
      io.out(`${pretty(report.mapping)}${reportText(report)}`);
    },
    CHOICE,
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
};

async function savedVersion({ calls, args, values }: Asked): Promise<number> {
  const { mappings } = await calls.listMappings({ study: args[0]! });
  const latest = mappings.at(-1)?.version;
  if (latest === undefined) throw new UsageError(`No mapping of ${args[0]!} was saved. Run: assent-node mapping save`);
  return whole(values, 'version') || latest;
}

const pretty = (json: string): string => `${JSON.stringify(JSON.parse(json), null, 2)}\n`;

function reportText({ rows, usable, refused, columns, identifiers }: CheckMappingResponse): string {
  const lines = columns.map(({ name, column, missing, clipped, unmatched, likelyUnit }) => {
    const notes = [
      ...(missing > 0n ? [`${missing} missing`] : []),
      ...(clipped > 0n ? [`${clipped} clipped to the study's range`] : []),
      ...(unmatched.length > 0
        ? [`no category of the study: ${unmatched.map((value) => `"${value}"`).join(', ')}`]
        : []),
      ...(likelyUnit === '' ? [] : [`the values look like ${likelyUnit}; say "unit": "${likelyUnit}"`]),
    ];
    return [`  ${name}`, column === '' ? '(no column: missing in every row)' : `<- ${column}`, notes.join('; ')];
  });
  const left = identifiers.map(({ column, reason }) => `  ${column} is not suggested: ${reason}\n`);
  const why = refused.map(({ reason, rows: n }) => `  ${n} cannot: ${reason}\n`);
  return `${table(lines)}${left.join('')}${usable} of ${rows} rows can be used.\n${why.join('')}`;
}
