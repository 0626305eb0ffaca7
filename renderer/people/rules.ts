// The rules of an institution as fields of a form hold them.
import type { Rules } from '../../shared/gen/assent/v1/node_pb.ts';

export type RuleFields = { approvals: string; release: string; norm: string; rows: string; perClass: string };
type Values = Pick<Rules, 'approvals' | 'releaseAlways' | 'releaseNorm' | 'floorRows' | 'floorPerClass'>;

/** What a new installation is offered; the node has the same where nothing is said. */
export const firstRules = (): RuleFields =>
  fieldsOf({ approvals: 2, releaseAlways: false, releaseNorm: 3, floorRows: 50, floorPerClass: 5 });

export const fieldsOf = (rules: Values): RuleFields => ({
  approvals: String(rules.approvals),
  release: rules.releaseAlways ? 'always' : 'bounds',
  norm: String(rules.releaseNorm),
  rows: String(rules.floorRows),
  perClass: String(rules.floorPerClass),
});

export const rulesFrom = ({ approvals, release, norm, rows, perClass }: RuleFields): Values => ({
  approvals: Number(approvals),
  releaseAlways: release === 'always',
  releaseNorm: Number(norm),
  floorRows: Number(rows),
  floorPerClass: Number(perClass),
});

/** Whether what is in the field can be sent; what it may be, the node decides. */
export const isWhole = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text.trim());
export const isPositive = (text: string): boolean => Number(text) > 0 && Number.isFinite(Number(text));
export const areComplete = ({ approvals, norm, rows, perClass }: RuleFields): boolean =>
  [approvals, rows, perClass].every(isWhole) && isPositive(norm);
