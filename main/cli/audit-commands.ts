// The command that exports the audit log, and the call behind it for whoever waits for its end.
import { resolve } from 'node:path';
import type { Client } from '@connectrpc/connect';
import { AssentError } from '../../shared/errors.ts';
import {
  ExportFormat,
  type ExportedLog,
  type ExportProgress,
  type NodeService,
} from '../../shared/gen/assent/v1/node_pb.ts';
import { needed, text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { cosignedBy } from '../../platform/show-anchors.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';

type Calls = Pick<Client<typeof NodeService>, 'exportAuditLog'>;

/** Exports and waits for the end. */
async function exportLog(
  calls: Calls,
  asked: Parameters<Calls['exportAuditLog']>[0],
  tell: (progress: ExportProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<ExportedLog> {
  for await (const { kind } of calls.exportAuditLog(asked, signal && { signal }))
    if (kind.case === 'progress') tell(kind.value);
    else if (kind.case === 'exported') return kind.value;
  throw new AssentError('INTERNAL', 'The export ended without a result.');
}

/** `origin`: a log of this store whose place another one took; the one that is written now where it is absent. */
export const exportFolder = (
  calls: Calls,
  path: string,
  more: { origin?: string; waitSeconds?: number } = {},
): Promise<ExportedLog> => exportLog(calls, { format: ExportFormat.FOLDER, path, ...more });

const FORMATS: Readonly<Record<string, ExportFormat>> = {
  folder: ExportFormat.FOLDER,
  evidence: ExportFormat.EVIDENCE,
  'fhir-bundle': ExportFormat.FHIR_BUNDLE,
  'fhir-ndjson': ExportFormat.FHIR_NDJSON,
  csv: ExportFormat.CSV,
  pdf: ExportFormat.PDF,
  syslog: ExportFormat.SYSLOG,
};
const NAMES = Object.keys(FORMATS).join('|');

const list = (values: Values, name: string): string[] =>
  (text(values, name) ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));

export const auditCommands: Record<string, Command<NodeCommandContext>> = {
  'audit export': asking(
    `[--format ${NAMES}] --out PATH [--from TIME] [--to TIME] [--study ID,ID] [--person ID,ID] [--kind KIND,KIND] [--names] [--wait SECONDS] [--log NAME]`,
    'write the audit log: as a folder or evidence (a zip) that anybody can verify (assent-verify PATH), or as a view; all but the folder may be filtered, and have names and free texts only with --names',
    async ({ calls, values, io }) => {
      const path = resolve(needed(values, 'out'));
      const name = text(values, 'format') ?? 'folder';
      const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
      if (format === undefined) throw new UsageError(`--format is one of ${NAMES}, not ${name}.`);
      const filter = {
        from: text(values, 'from') ?? '',
        to: text(values, 'to') ?? '',
        studies: list(values, 'study'),
        persons: list(values, 'person'),
        kinds: list(values, 'kind'),
      };
      const locale = localeOf(values);
      const waitSeconds = whole(values, 'wait');
      const done = await exportLog(
        calls,
        {
          path,
          format,
          filter,
          names: values['names'] === true,
          locale,
          origin: text(values, 'log') ?? '',
          ...(waitSeconds !== undefined && { waitSeconds }),
        },
        ({ records, totalRecords }) => io.err(`exporting: ${(records * 100n) / (totalRecords || 1n)} %\n`),
        io.signal,
      );
      const files =
        done.files.length === 1 ? done.files[0]! : `${done.files.length} files, the first ${done.files[0]!}`;
      io.out(`Wrote ${done.records} records to ${files}\nLog of ${done.size} records, root ${done.root}\n`);
      if (done.anchoredBy.length + done.missing.length > 0) io.out(cosignedBy(done));
    },
    {
      format: { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      study: { type: 'string' },
      person: { type: 'string' },
      kind: { type: 'string' },
      names: { type: 'boolean' },
      wait: { type: 'string' },
      log: { type: 'string' },
    },
  ),
};
