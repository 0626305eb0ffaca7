// Answers of the coordinator as text for a terminal.
import type {
  GetStatusResponse,
  ListMembersResponse,
  RoundResult,
  StudyStatus,
} from '../shared/gen/assent/v1/admin_pb.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { Study } from '../shared/study/study.ts';
import { table } from '../platform/cli.ts';
import { anchorLine } from '../platform/show-anchors.ts';
import { declaredMetrics } from './metrics.ts';

export function members({ members: all, fingerprint }: ListMembersResponse): string {
  const rows = all.map((m) => [m.id, m.name, m.state, m.since, m.lastSeen || 'not since the start']);
  const listed =
    all.length === 0
      ? 'No members yet. Invite one: assent-coordinator invite MEMBER --name "..."\n'
      : table([['ID', 'NAME', 'STATE', 'SINCE', 'LAST SEEN'], ...rows]);
  return `${listed}Fingerprint of this coordinator: ${fingerprint}\n`;
}

export function status({ studies, anchor }: Pick<GetStatusResponse, 'studies' | 'anchor'>): string {
  const shown =
    studies.length === 0
      ? 'No study was started yet. Start one: assent-coordinator study start FILE\n'
      : studies.map(study).join('\n');
  return anchor ? `${shown}Log: ${anchorLine(anchor)}\n` : shown;
}

const SHOWN = 5;

function study(s: StudyStatus): string {
  const done = s.results.filter(({ result }) => result === 'aggregated').length;
  const lines = [
    `${s.study}: ${s.state}${s.reason === '' ? '' : ` (${s.reason})`}, ${done} of ${s.rounds} rounds done`,
  ];
  lines.push(`  joined: ${s.joined.join(', ') || 'nobody yet'}`);
  if (s.round > 0) lines.push(`  round ${s.round}, attempt ${s.attempt}, is open until ${s.sendBy}`);
  for (const w of s.waiting) lines.push(`  waiting for ${w.member}: ${w.for}, since ${w.since}`);
  const latest = s.results.slice(-SHOWN);
  const metrics = [...new Set(s.results.flatMap(({ metrics: m }) => Object.keys(m)))];
  const head = ['  ROUND', 'ATTEMPT', 'RESULT', ...metrics.map((name) => name.toUpperCase()), 'SECONDS', 'WHO OR WHY'];
  if (latest.length > 0) lines.push(table([head, ...roundRows(latest, metrics)]).trimEnd());
  return `${lines.join('\n')}\n`;
}

const roundRows = (results: readonly RoundResult[], metrics: readonly string[]): string[][] =>
  results.map((r) => [
    `  ${r.round}`,
    String(r.attempt),
    r.result,
    ...metrics.map((name) => (r.metrics[name] === undefined ? '' : Number(r.metrics[name]).toFixed(4))),
    r.seconds.toFixed(1),
    r.result === 'aggregated' ? r.participants.join(', ') : r.reason,
  ]);

/** What a study file comes to, before anybody is asked anything. */
export function checked(study: Study): string {
  const { algorithm, layout, update, model } = formsOf(study);
  const parameters = layout.reduce((sum, { length }) => sum + length, 0);
  return table([
    ['study', `${study.id}: ${study.title.en}`],
    [
      'algorithm',
      `${algorithm.name}, ${study.rounds} rounds at most, at least ${study.cohort.quorum} of ${study.cohort.least} or more members a round`,
    ],
    ['model', `${parameters} parameters in ${layout.length} tensors`],
    ['down, a member and round', `${model.size} bytes`],
    ['up, a member and round', `${update.size} bytes`],
    [
      'what leaves',
      `${algorithm.vectors.join(', ')}, number of examples${declaredMetrics(study)
        .map((name) => `, ${name}`)
        .join('')}`,
    ],
    [
      'who can read updates',
      `the coordinator${study.publication === 'members' ? ', and every member of their round' : ''}`,
    ],
    ['deadlines', `${study.deadlines.approveSeconds} s to approve, ${study.deadlines.sendSeconds} s to send`],
  ]);
}
