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

/** The node gives it once; whoever calls keeps it. */
export async function fetchExport({ download }: ExportedFile): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const { content } of node.fetchExport({ download })) pieces.push(new Uint8Array(content));
  return new Blob(pieces);
}

/** The browser puts it where its downloads go; the desktop app asks. Neither tells what became of it. */
export function handOver(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
