// A round and an update as a person sees them before deciding, and standing policies, as text for a terminal.
import type {
  GetReleaseResponse,
  GetRoundResponse,
  GetStudyResponse,
  GivenApproval,
  PolicyBounds,
  StandingPolicy,
} from '../../shared/gen/assent/v1/node_pb.ts';
import { table } from '../../platform/cli.ts';
import { receiptOf } from './show.ts';

export function round(r: GetRoundResponse): string {
  const { name, stage, code, approveBy, sendBy, bytes } = r.summary!;
  const tensors = r.tensors.map((t) => [`  ${t.name}`, `[${t.shape.join(' x ')}]`, `${t.bytes} bytes`]);
  return [
    `${r.title}, round ${name!.round}: ${stage}${code ? ` (${code})` : ''}`,
    r.purpose,
    '',
    `What leaves: ${r.update}`,
    table(tensors).trimEnd(),
    `  the whole file: ${bytes} bytes, norm at most ${r.normBound}`,
    ...r.releases.map((release) => `  and ${release}`),
    r.coordinatorReads,
    '',
    'What changed:',
    ...r.changes.map((change) => `  ${change}`),
    '',
    `Taking part: ${r.cohort.join(', ')}`,
    `Approve by ${approveBy}; the update must be there by ${sendBy}`,
    `Plan ${r.planHash}`,
    ...(r.summary!.receipt === ''
      ? []
      : [`Receipt: ${receiptOf(r.summary!)} (assent-node receipt ${name!.study} ${name!.round})`]),
    ...decisions(r.approvals, r.needed),
    ...(r.mayNotDecide && stage === 'awaiting' ? [r.mayNotDecide] : []),
    '',
  ].join('\n');
}

const VERBS: Record<string, string> = {
  'train approve': 'approved',
  'train decline': 'declined',
  'release approve': 'released',
  'release decline': 'declined to release',
};

function decisions(given: readonly GivenApproval[], needed: number): string[] {
  const people = needed === 1 ? 'one person' : `${needed} different people`;
  return [
    given.length === 0 ? `Nobody has decided yet; ${people} have to approve.`.replace('person have', 'person has') : '',
    ...given.map((one) => {
      const who = one.person === '' ? `The installation, under policy ${one.policyHash},` : one.name || one.person;
      const why = one.reason === '' ? '' : `: ${one.reason}`;
      const flaw = one.flaw === '' || one.decision === 'decline' ? '' : ` [does not count: ${one.flaw}]`;
      return `${who} ${VERBS[`${one.purpose} ${one.decision}`]!} at ${one.at}${why}${flaw}`;
    }),
  ].filter((line) => line !== '');
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const figure = (value: number) => value.toPrecision(4);

/** Bars as high as the square root of the counts, so that rare values are seen; a dot where there is none. */
function bars(histogram: readonly bigint[]): string {
  const counts = histogram.map(Number);
  const most = Math.sqrt(Math.max(...counts));
  return counts
    .map((count) => (count === 0 ? '·' : BARS[Math.ceil((Math.sqrt(count) / most) * BARS.length) - 1]!))
    .join('');
}

export function release(r: GetReleaseResponse): string {
  const rows = r.parts.map((part) => [
    `  ${part.name}`,
    `[${part.shape.join(' x ')}]`,
    String(part.bytes),
    figure(part.norm),
    figure(part.min),
    figure(part.max),
    bars(part.histogram),
  ]);
  const metrics = Object.entries(r.metrics).map(([name, value]) => `  and ${name}: ${value || 'too few cases'}`);
  return [
    r.why === 'always'
      ? 'The update waits for you: the rules here ask people to see each one before it leaves.'
      : 'The update waits for you: it is larger than the rules here let one leave unseen.',
    table([['  PART', 'SHAPE', 'BYTES', 'NORM', 'FROM', 'TO', 'HOW OFTEN'], ...rows]).trimEnd(),
    `  the whole file: ${r.bytes} bytes, norm ${figure(r.norm)} of ${r.normBound} at most`,
    r.lastNorm === undefined
      ? '  no update of this study has left before'
      : `  the last one that left: norm ${figure(r.lastNorm)}${r.distance === undefined ? '' : `, distance to this one ${figure(r.distance)}`}`,
    `  and that it was computed from ${r.examples} rows`,
    ...metrics,
    `Release it by ${r.sendBy}`,
    `Update ${r.updateHash}`,
    ...decisions(r.approvals, r.needed),
    '',
  ].join('\n');
}

function boundsOf(bounds: PolicyBounds | undefined): string {
  const { rounds, attempts, bytes, norm, cohort, hours } = bounds!;
  return `up to round ${rounds}, ${attempts} attempts each, ${bytes} bytes, norm ${norm}, at least ${cohort} taking part, ${
    hours ? `${hours.from} to ${hours.to} h UTC` : 'at any hour'
  }`;
}

const policy = (p: StandingPolicy): string =>
  [
    `Policy ${p.policyHash}: ${p.inForce ? 'in force' : p.state}, until ${p.notAfter}, signed by ${p.signers.length} of ${p.needed}`,
    `  ${boundsOf(p.bounds)}`,
    `  ${p.meaning}`,
    '',
  ].join('\n');

export function study(s: GetStudyResponse): string {
  const { id, title, purpose, phase, joined } = s.summary!;
  const draft = s.draft
    ? [`A standing policy could be: ${boundsOf(s.draft.bounds)}, ${s.draft.days} days, signed by ${s.draft.needed}.`]
    : [];
  const left = s.leftAt === '' ? 'Not joined.' : `Left at ${s.leftAt}.`;
  return [
    `${id}  ${title} (${phase})`,
    `  ${purpose}`,
    `  ${joined ? `Joined with ${s.summary!.dataset}, signed by ${s.proposers.join(', ')}.` : left}`,
    '',
    ...(s.policies.length > 0 ? s.policies.map(policy) : ['Every round waits for people.']),
    ...draft,
    '',
  ].join('\n');
}
