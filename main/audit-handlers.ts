// The methods of node.proto that export the audit log: as a folder or evidence to verify, or as a view.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import { ExportFormat, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { directoryRecord } from '../shared/records/membership.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { exportEvidence } from '../platform/export-evidence.ts';
import { exportAuditLog } from '../platform/export-log.ts';
import type { Reader } from '../platform/journal.ts';
import type { Cosigners } from '../platform/own-logs.ts';
import { SOFTWARE } from '../platform/software.ts';
import { callerOf } from './access.ts';
import { exportView, type ExportDone, type ExportProgress, type ViewFormat } from './audit/export-view.ts';
import { described } from './downloads.ts';
import { filterOf, restrictsNothing } from './audit/filter.ts';
import { languageOf } from './language.ts';
import type { AssentNode } from './node.ts';
import { coordinatorOf } from './store/rounds.ts';
import { streaming } from './streaming.ts';
import { memberKeys } from './sync/enrol.ts';

const VIEWS: Partial<Record<ExportFormat, ViewFormat>> = {
  [ExportFormat.FHIR_BUNDLE]: 'fhir-bundle',
  [ExportFormat.FHIR_NDJSON]: 'fhir-ndjson',
  [ExportFormat.CSV]: 'csv',
  [ExportFormat.PDF]: 'pdf',
  [ExportFormat.SYSLOG]: 'syslog',
};

/** So long an export waits for the cosignatures of exactly its size. */
const WAIT_SECONDS = 20;

/** How the names of fetched files end. */
const ENDINGS: Partial<Record<ExportFormat, string>> = {
  [ExportFormat.EVIDENCE]: 'evidence.zip',
  [ExportFormat.FHIR_BUNDLE]: 'fhir.json',
  [ExportFormat.FHIR_NDJSON]: 'fhir.ndjson',
  [ExportFormat.CSV]: 'log.csv',
  [ExportFormat.PDF]: 'log.pdf',
  [ExportFormat.SYSLOG]: 'syslog.log',
};

type Methods = 'exportAuditLog' | 'fetchExport' | 'discardExports';

export function auditHandlers({
  store,
  clock,
  anchoring,
  downloads,
}: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { journal, keys } = store;
  /** `2026-01-31-log.csv`, with the member's id before it once there is one. */
  const nameOf = (format: ExportFormat): string => {
    const { member } = belongingOf(journal.read);
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return [member || 'assent', day, ENDINGS[format]].join('-');
  };
  return {
    async *exportAuditLog(
      { format, path: asked, filter: said, names, locale, waitSeconds = WAIT_SECONDS, origin },
      context,
    ) {
      const fetched = asked === '';
      const person = callerOf(context).id;
      const cosigners: Cosigners = {
        all: anchoring.witnesses(),
        reach: (size) => anchoring.reach(size, waitSeconds * 1000),
      };
      const filter = filterOf(said);
      const view = VIEWS[format];
      if (format === ExportFormat.FOLDER && (names || !restrictsNothing(filter)))
        throw new AssentError(
          'REQUEST_INVALID',
          'The folder holds the whole log, without what stands behind its commitments: it takes no filter and no names.',
        );
      if (format === ExportFormat.FOLDER && fetched)
        throw new AssentError('REQUEST_INVALID', 'A folder is written on the node’s machine: say where.');
      const path = fetched ? downloads.place(nameOf(format)) : asked;
      const work = streaming<ExportProgress, ExportDone>(context.signal, async (tell, stop) => {
        if (format === ExportFormat.EVIDENCE) {
          const of = journal.size() + 1;
          const progress = (share: number) => tell({ records: Math.floor(share * of), of });
          const options = { file: path, filter, names, cosigners };
          const { from, to, withheld, ...made } = await exportEvidence({
            journal,
            keys: memberKeys(store),
            ...options,
            progress,
            signal: stop,
          });
          return { ...made, rows: to - from - withheld, files: [path] };
        }
        if (!view) {
          const source = { journal, logPublicKey: keys.log.publicKey, cosigners };
          const kinds = ['update.sent', 'approval.granted'] as const;
          const done = await exportAuditLog(source, path, kinds, origin || undefined);
          return { ...done, rows: done.size, files: [path] };
        }
        const deps = { journal, log: keys.log, cosigners, software: SOFTWARE, ...belongingOf(journal.read) };
        const language = languageOf(locale);
        return exportView(deps, { format: view, path, filter, names, language }, tell, stop);
      });
      let kept = false;
      try {
        for await (const step of work)
          if (step.done) {
            const { size, root, rows, files, anchoredBy, missing } = step.value;
            const made = format === ExportFormat.FOLDER ? [] : await Promise.all(files.map(described));
            const ids = fetched ? downloads.keep(files, person) : [];
            kept = fetched;
            const value = {
              size: BigInt(size),
              root: toHex(root),
              records: BigInt(rows),
              files: fetched ? made.map(({ name }) => name) : files,
              anchoredBy,
              missing,
              written: made.map((each, at) => ({ ...each, bytes: BigInt(each.bytes), download: ids[at] ?? '' })),
            };
            yield { kind: { case: 'exported' as const, value } };
          } else {
            const { records, of } = step.value;
            const value = { records: BigInt(records), totalRecords: BigInt(of) };
            yield { kind: { case: 'progress' as const, value } };
          }
      } finally {
        if (fetched && !kept) downloads.giveUp(path);
      }
    },
    async *fetchExport({ download }, context) {
      for await (const content of downloads.read(download, callerOf(context).id)) yield { content };
    },
    discardExports({ downloads: ids }, context) {
      downloads.discard(ids, callerOf(context).id);
      return {};
    },
  };
}

/** Whose log it is, as far as the node knows: by the name that the consortium's directory has. */
function belongingOf(read: Reader): { institution: string; member: string; consortium: string } {
  const coordinator = coordinatorOf(read);
  if (!coordinator) return { institution: '', member: '', consortium: '' };
  const { member, consortium } = coordinator;
  const latest = read.get<{ bytes: Buffer }>('select bytes from directory order by sequence desc limit 1');
  const own = latest && directoryRecord.decode(latest.bytes).members.find(({ id }) => id === member);
  return { institution: own?.name ?? member, member, consortium };
}
