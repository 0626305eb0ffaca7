// The bounds of a standing policy as fields of a form hold them.
import type { GetPolicyStatementRequest, PolicyDraft } from '../../shared/gen/assent/v1/node_pb.ts';
import { isPositive, isWhole } from '../people/rules.ts';

type Name = 'rounds' | 'attempts' | 'bytes' | 'norm' | 'cohort' | 'days' | 'from' | 'to';
export type BoundFields = Record<Name, string> & { limited: boolean };
type Asked = Pick<GetPolicyStatementRequest, 'rounds' | 'attempts' | 'bytes' | 'norm' | 'cohort' | 'days'> & {
  hours?: { from: number; to: number };
};

export function fieldsOf({ bounds, days }: PolicyDraft): BoundFields {
  const { rounds, attempts, bytes, norm, cohort } = bounds!;
  const [r, a, b, n, c, d] = [rounds, attempts, bytes, norm, cohort, days].map(String) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { rounds: r, attempts: a, bytes: b, norm: n, cohort: c, days: d, limited: false, from: '8', to: '18' };
}

const isHour = (text: string): boolean => /^\d{1,2}$/.test(text.trim());
export const areHours = ({ limited, from, to }: BoundFields): boolean =>
  !limited || (isHour(from) && isHour(to) && Number(from) < Number(to) && Number(to) <= 24);

/** As the node is asked; undefined while something cannot be sent. */
export function boundsFrom(fields: BoundFields): Asked | undefined {
  const { rounds, attempts, bytes, norm, cohort, days, limited, from, to } = fields;
  if (![rounds, attempts, bytes, cohort, days].every(isWhole) || !isPositive(norm) || !areHours(fields))
    return undefined;
  return {
    rounds: Number(rounds),
    attempts: Number(attempts),
    bytes: Number(bytes),
    norm: Number(norm),
    cohort: Number(cohort),
    days: Number(days),
    ...(limited && { hours: { from: Number(from), to: Number(to) } }),
  };
}
