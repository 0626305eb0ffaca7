// The methods of node.proto about people: set-up, signing in and out, accounts, and the institution's rules.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import type { NodeService, Rules as WireRules } from '../shared/gen/assent/v1/node_pb.ts';
import { decimalOf } from '../shared/records/fields.ts';
import { role, type Role, type Rules } from '../shared/records/account.ts';
import { callerOf, SESSION_HEADER } from './access.ts';
import type { AssentNode } from './node.ts';
import { addPerson, changeRoles, deactivate, issueKey, setUp } from './people/accounts.ts';
import { unlockAdmins } from './people/admins.ts';
import { changePassword } from './people/keys.ts';
import { isSetUp, listPeople, type PeopleDeps, type Person } from './people/people.ts';
import { changeRules, rulesOf, type RuleChoice } from './people/rules.ts';

type Methods =
  | 'setUp'
  | 'signIn'
  | 'signOut'
  | 'whoAmI'
  | 'listPeople'
  | 'addPerson'
  | 'changeRoles'
  | 'deactivatePerson'
  | 'issueKey'
  | 'changePassword'
  | 'getRules'
  | 'changeRules';

export function peopleHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { store, clock, sessions } = node;
  const { read } = store.journal;
  const deps: PeopleDeps = { store, now: clock.now };

  return {
    async setUp({ admins: asked, singleAdmin, rules }) {
      if (isSetUp(read))
        throw new AssentError('SET_UP_BEFORE', 'The first accounts were made before. Ask an admin for one.');
      const first = asked.map((admin) => ({ ...admin, roles: rolesOf(admin.roles) }));
      await setUp(deps, first, { singleAdmin, ...(rules && { rules: choiceOf(rules) }) });
      node.wake();
      return {};
    },
    async signIn({ login, password }) {
      const { token, person } = await sessions.open(login, password);
      return { token, person: personFor(person) };
    },
    signOut({ locked }, { requestHeader }) {
      sessions.close(requestHeader.get(SESSION_HEADER) ?? '', locked ? 'locked' : 'signed-out');
      return {};
    },
    whoAmI: (_request, context) => ({ person: personFor(callerOf(context)) }),
    listPeople: () => ({ people: listPeople(read).map(personFor) }),
    async addPerson({ person, password }, context) {
      const [admin] = await unlockAdmins(deps, callerOf(context), password, undefined);
      const made = await addPerson(deps, { ...person!, roles: rolesOf(person!.roles) }, admin!);
      return { person: personFor(made) };
    },
    async changeRoles({ login, roles, password }, context) {
      const [admin] = await unlockAdmins(deps, callerOf(context), password, undefined);
      changeRoles(deps, login, rolesOf(roles), admin!);
      node.wake(); // what this person approved may not count any more
      return {};
    },
    async deactivatePerson({ login, password }, context) {
      const [admin] = await unlockAdmins(deps, callerOf(context), password, undefined);
      deactivate(deps, login, admin!);
      node.wake();
      return {};
    },
    async issueKey({ login, newPassword, password, second }, context) {
      await issueKey(deps, login, newPassword, await unlockAdmins(deps, callerOf(context), password, second));
      return {};
    },
    async changePassword({ password, newPassword }, context) {
      await changePassword(deps, callerOf(context).id, password, newPassword);
      return {};
    },
    getRules: () => ({ rules: rulesFor(rulesOf(read)) }),
    async changeRules({ rules, password, second }, context) {
      changeRules(deps, choiceOf(rules!), await unlockAdmins(deps, callerOf(context), password, second));
      node.wake();
      return { rules: rulesFor(rulesOf(read)) };
    },
  };
}

const personFor = ({ id, login, name, roles, state, key }: Person) => ({ id, login, name, roles, state, key });

function rolesOf(names: readonly string[]): Role[] {
  return names.map((name) => {
    const known = role.safeParse(name);
    if (!known.success)
      throw new AssentError('ACCOUNT_INVALID', `"${name}" is no role: steward, approver, auditor or admin.`);
    return known.data;
  });
}

const choiceOf = ({ approvals, releaseAlways, releaseNorm, floorRows, floorPerClass }: WireRules): RuleChoice => ({
  approvals,
  release: { when: releaseAlways ? 'always' : 'bounds', norm: decimalOf(releaseNorm) },
  floor: { rows: floorRows, perClass: floorPerClass },
});

const rulesFor = ({ approvals, release, floor }: Rules) => ({
  approvals,
  releaseAlways: release.when === 'always',
  releaseNorm: Number(release.norm),
  floorRows: floor.rows,
  floorPerClass: floor.perClass,
});
