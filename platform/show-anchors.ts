// Anchors of a log as text for a terminal; both programs show them alike.
import type { Anchor, LogAlarm, LogAnchor, WitnessedLog } from '../shared/gen/assent/v1/anchor_pb.ts';
import { table } from './cli.ts';

/** "anchored by N of M at T", and what is wrong with it. */
export function anchorLine({ size, by, of, at, stale, code, message }: LogAnchor): string {
  if (code !== '') return `${code}: ${message}`;
  if (of === 0) return 'nobody else is there yet to witness this log';
  const late = stale ? '. WARNING: nobody has cosigned this log for 24 hours' : '';
  if (at === '') return `not anchored by any of ${of} yet${late}`;
  return `anchored by ${by.length} of ${of} at ${at} (${by.join(', ')}), ${size} records${late}`;
}

export function anchors(o: {
  anchor?: LogAnchor | undefined;
  anchors: readonly Anchor[];
  witnessed: readonly WitnessedLog[];
  alarms: readonly LogAlarm[];
}): string {
  const list = (title: string, head: string[], rows: string[][]) =>
    rows.length === 0 ? [] : ['', title, table([head, ...rows]).trimEnd()];
  return [
    `This log: ${o.anchor ? anchorLine(o.anchor) : ''}`,
    ...list(
      'Anchored checkpoints, the last first',
      ['RECORDS', 'AT', 'BY'],
      o.anchors.map(({ size, at, by }) => [String(size), at, by.join(', ')]),
    ),
    ...list(
      'Logs of others that are witnessed here',
      ['OWNER', 'RECORDS', 'COSIGNED', 'LOG'],
      o.witnessed.map(({ member, size, at, origin }) => [member, String(size), at, origin]),
    ),
    ...list(
      'ALARMS: signed checkpoints that contradict what was cosigned',
      ['OWNER', 'WHAT', 'SEEN', 'LOG'],
      o.alarms.map(({ member, why, at, origin }) => [member, why, at, origin]),
    ),
    '',
  ].join('\n');
}

export const cosignedBy = ({ anchoredBy, missing }: { anchoredBy: string[]; missing: string[] }): string =>
  `Cosigned by ${anchoredBy.join(', ') || 'nobody'}${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}\n`;

export const exported = (o: { size: bigint; root: string; anchoredBy: string[]; missing: string[] }): string =>
  `${o.size} records, root ${o.root}\n${cosignedBy(o)}`;
