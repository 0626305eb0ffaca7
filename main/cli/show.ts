// Answers of the node as text for a terminal.
import type {
  ImportProgress,
  InspectFileResponse,
  ModelScores,
  NodeServiceGetStatusResponse,
  RoundSummary,
  StudySummary,
  TrainingProgress,
} from '../../shared/gen/assent/v1/node_pb.ts';
import { table } from '../../platform/cli.ts';
import { OPEN_STAGES } from '../store/rounds.ts';
import { anchorLine } from '../../platform/show-anchors.ts';

export function status(s: NodeServiceGetStatusResponse): string {
  const lines = [[s.software, `${s.records} audit records`]];
  if (s.member === '') lines.push(['Not enrolled', 'run: assent-node enrol --invitation FILE --fingerprint "..."']);
  else {
    lines.push(['Member', `${s.member} of ${s.consortium}${s.admitted ? '' : ', not admitted yet'}`]);
    lines.push(['Coordinator', coordinator(s)]);
    lines.push(['Its fingerprint', s.coordinatorFingerprint]);
  }
  lines.push(['Own fingerprint', s.fingerprint], ['Log key', s.logVkey]);
  if (s.anchor) lines.push(['Log', anchorLine(s.anchor)]);
  lines.push(['Waiting for you', s.waiting === 0 ? 'nothing' : `${s.waiting} rounds (assent-node rounds)`]);
  lines.push(['Receipts', receipts(s)]);
  if (s.training)
    lines.push([
      'Training',
      `${s.training.study}, round ${s.training.round}${s.progress ? `: ${progress(s.progress)}` : ''}`,
    ]);
  return table(lines);
}

/** What is wrong says mostly by itself whose address it is. */
function coordinator({ url, reachable, message }: NodeServiceGetStatusResponse): string {
  if (reachable) return `${url} answers`;
  return message.includes(new URL(url).host) ? message : `${url}: ${message}`;
}

const receipts = ({ receiptsDue: due, receiptsRefused: refused }: NodeServiceGetStatusResponse): string =>
  `${refused === 0 ? 'none refused' : `${refused} REFUSED (assent-node rounds)`}${due === 0 ? '' : `, ${due} still owed by the coordinator`}`;

export const study = (s: StudySummary): string =>
  `${s.id}  ${s.title} (${s.phase}${s.reason ? `: ${s.reason}` : ''})\n  ${s.purpose}\n  ${s.algorithm}, ${s.rounds} rounds. ${
    s.joined ? `Joined with ${s.dataset}.` : 'Not joined.'
  } ${s.policy ? 'A standing policy is in force.' : 'Every round waits for a person.'}${
    s.publication === 'members'
      ? '\n  Updates are published: every member of a round can fetch them once it is aggregated.'
      : ''
  }\n`;

/** A round that is over waits for nothing here, whatever stage it had come to. */
function here({ stage, outcome }: RoundSummary): string {
  if (outcome === '' || !OPEN_STAGES.some((open) => open === stage)) return stage;
  return stage === 'awaiting' ? 'not decided' : `ended at ${stage}`;
}

export function rounds(all: RoundSummary[]): string {
  const rows = all.map((r) => [
    r.name!.study,
    String(r.name!.round),
    String(r.name!.attempt),
    here(r),
    r.automatic ? 'by policy' : '',
    r.outcome || 'open',
    receiptOf(r),
    r.approveBy,
    r.code,
  ]);
  return table([['STUDY', 'ROUND', 'ATTEMPT', 'HERE', '', 'ROUND IS', 'RECEIPT', 'APPROVE BY', 'WHY'], ...rows]);
}

export const receiptOf = ({ receipt }: RoundSummary): string => (receipt === 'refused' ? 'REFUSED' : receipt);

const progress = (p: TrainingProgress): string =>
  `epoch ${p.epoch}/${p.epochs}, batch ${p.batch}/${p.batches}, loss ${p.loss.toFixed(4)}, ${Math.round(p.rowsPerSecond)} rows/s, ${Math.ceil(p.secondsLeft)} s left`;
export const training = (p: TrainingProgress): string => `${progress(p)}\n`;

export const importing = (p: ImportProgress): string =>
  `${p.phase}: ${p.totalBytes === 0n ? 100 : Number((p.bytes * 100n) / p.totalBytes)} %, ${p.rows} rows\n`;

const SPELT: Record<string, string> = { '\t': 'tab', ' ': 'space' };
const spelt = (value: string): string => SPELT[value] ?? value;

export function inspection({ format, settings: s, doubts, columns, rows, whole }: InspectFileResponse): string {
  const written = s
    ? [
        ['encoding', s.encoding],
        ['delimiter', spelt(s.delimiter)],
        ['quote', s.quote],
        ['decimal', s.decimal],
        ['thousands', spelt(s.thousands)],
        ['date-format', s.dates],
      ]
    : [];
  const unsure = new Set(doubts.map((doubt) => (doubt === 'dates' ? 'date-format' : doubt)));
  const lines = written.map(([name, value]) => [`  --${name}`, unsure.has(name!) ? 'cannot be told: say it' : value!]);
  const seen = columns.map((c) => [
    c.name,
    c.problem ? 'refused' : c.encoding ? `${c.type} (${c.encoding})` : c.type,
    String(c.missing),
    c.examples.join('  '),
  ]);
  return [
    format === 'csv' ? 'CSV, written with' : 'Parquet',
    ...(lines.length > 0 ? [table(lines).trimEnd()] : []),
    '',
    `${whole ? `All ${rows} rows` : `The first ${rows} rows`}; an import looks at every row:`,
    table([['COLUMN', 'TYPE', 'MISSING', 'BEGINS WITH'], ...seen]),
    ...columns.filter(({ problem }) => problem !== '').map(({ problem }) => `An import would end here: ${problem}\n`),
  ].join('\n');
}

export const scores = (m: ModelScores): string => {
  const figure = (value: number | undefined) => (value === undefined ? 'too few cases' : value.toFixed(3));
  return `AUC ${figure(m.auc)}, accuracy ${figure(m.accuracy)}, log loss ${figure(m.logLoss)} (${m.rows} rows)`;
};
