// Exports as the window asks for them: the formats, what a choice of records stands for, and how a file gets here.
import { ExportFormat, type ExportedFile } from '../../shared/gen/assent/v1/node_pb.ts';
import { node } from '../node.ts';

export const FORMATS: Readonly<Record<string, ExportFormat>> = {
  evidence: ExportFormat.EVIDENCE,
  pdf: ExportFormat.PDF,
  csv: ExportFormat.CSV,
  fhirBundle: ExportFormat.FHIR_BUNDLE,
  fhirNdjson: ExportFormat.FHIR_NDJSON,
  syslog: ExportFormat.SYSLOG,
  folder: ExportFormat.FOLDER,
};

/** First words of the kinds of record. */
export const KINDS: Readonly<Record<string, string[]>> = {
  decisions: ['approval', 'release', 'policy'],
  rounds: ['round', 'training', 'model', 'local'],
  sent: ['update', 'message', 'receipt', 'ledger'],
  people: ['account', 'rules', 'session', 'network'],
  data: ['dataset', 'quality', 'mapping', 'study'],
  log: ['log', 'program', 'opening', 'retention', 'enrolment', 'directory'],
};

/** Fetches a file, which the node gives once, and hands it to the browser or the app to be saved. */
export async function save({ name, download }: ExportedFile): Promise<void> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const { content } of node.fetchExport({ download })) pieces.push(new Uint8Array(content));
  const address = URL.createObjectURL(new Blob(pieces));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
