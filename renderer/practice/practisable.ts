// Who may practise with which studies: approvers and stewards, with what was joined and is not over.
import type { StudySummary } from '../../shared/gen/assent/v1/node_pb.ts';
import { session } from '../session.svelte.ts';

export const practisable = ({ joined, phase }: StudySummary): boolean =>
  joined && phase !== 'finished' && phase !== 'stopped' && (session.has('approver') || session.has('steward'));
