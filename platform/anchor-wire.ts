// What is known of anchors, in the form of anchor.proto.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AnchorSchema,
  LogAlarmSchema,
  LogAnchorSchema,
  WitnessedLogSchema,
} from '../shared/gen/assent/v1/anchor_pb.ts';
import { behindText } from './log-conflict.ts';
import { listAnchors, type AnchorState } from './anchor-state.ts';
import type { Reader } from './journal.ts';
import { alarmsOf, witnessedLogs } from './witness.ts';

const SHOWN = 100;

export function anchorToWire(state: AnchorState, records: number): MessageInitShape<typeof LogAnchorSchema> {
  const { origin, size, by, of, at = '', stale, conflict } = state;
  const trouble = conflict ? { code: 'LOG_BEHIND', message: behindText(conflict, records) } : {};
  return { origin, size: BigInt(size), by, of, at, stale, ...trouble };
}

export const anchorsToWire = (read: Reader): MessageInitShape<typeof AnchorSchema>[] =>
  listAnchors(read, SHOWN).map(({ size, at, by }) => ({ size: BigInt(size), at, by }));

export const witnessedToWire = (read: Reader): MessageInitShape<typeof WitnessedLogSchema>[] =>
  witnessedLogs(read).map((log) => ({ ...log, size: BigInt(log.size) }));

export const alarmsToWire = (read: Reader): MessageInitShape<typeof LogAlarmSchema>[] => alarmsOf(read);
