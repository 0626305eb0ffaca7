// Who may do what in an institution: changes of accounts and of the institution's own rules, signed by its admins.
import { z } from 'zod';
import { decimal, nonce, publicKey, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

export const ROLES = ['steward', 'approver', 'auditor', 'admin'] as const;
/** steward: data, mappings, joining; approver: signs rounds; auditor: reads and exports; admin: accounts, rules, network. */
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** A person as logs know it: names stand in openings, which can be erased. */
export const personId = z.string().regex(/^p-[0-9a-f]{16}$/, 'must be the id of a person');

/** Why these roles may not be held together; undefined when they may. */
export function roleConflict(roles: readonly Role[]): string | undefined {
  if (roles.includes('admin') && roles.includes('approver'))
    return 'who makes accounts may not approve rounds (admin and approver)';
  if (roles.includes('auditor') && roles.length > 1) return 'an auditor changes nothing, so the role stands alone';
  return undefined;
}

const roles = z
  .array(role)
  .max(ROLES.length)
  .refine((held) => new Set(held).size === held.length, 'names a role twice')
  .refine((held) => roleConflict(held) === undefined, 'holds roles together that exclude each other');

/** Signed by each key of `by`: admins in force then. The first accounts of an institution are signed by their own keys. */
export const accountRecord = defineRecord(
  'account',
  z.strictObject({
    v: version,
    /** `issue-key` retires the person's earlier key: its old signatures hold, new ones do not. */
    action: z.enum(['set-up', 'add', 'change-roles', 'deactivate', 'issue-key']),
    person: personId,
    key: publicKey,
    /** After this change; none once deactivated. */
    roles,
    by: z.array(publicKey).min(1).max(2),
    at: time,
    nonce,
  }),
);
export type Account = ReturnType<typeof accountRecord.decode>;

/** What an institution asks of itself before anything leaves. Signed like an account. */
export const rulesRecord = defineRecord(
  'rules',
  z.strictObject({
    v: version,
    /** How many distinct people approve a round, and a release. */
    approvals: z.int().min(1).max(9),
    /** When the actual update is shown to people once more: always, or when its norm is over so many times the last one's. */
    release: z.strictObject({ when: z.enum(['always', 'bounds']), norm: decimal }),
    /** No update from fewer rows, no metric from fewer cases of a class. */
    floor: z.strictObject({ rows: z.int().min(1), perClass: z.int().min(1) }),
    by: z.array(publicKey).min(1).max(2),
    at: time,
    nonce,
  }),
);
export type Rules = ReturnType<typeof rulesRecord.decode>;

/** The rules of a new installation. */
export const FIRST_RULES = {
  approvals: 2,
  release: { when: 'bounds', norm: '3' },
  floor: { rows: 50, perClass: 5 },
} as const;
