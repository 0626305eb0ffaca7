// The commands about people: set-up, signing in, accounts, and the institution's rules.
import type { Rules } from '../../shared/gen/assent/v1/node_pb.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { needed, table, text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { asking, type NodeCommandContext } from './asking.ts';
import { NEW_PASSWORD, newPasswordOf, OWN_PASSWORD, SECOND, SECOND_PASSWORD, secondOf } from './signing-in.ts';

const RULES = {
  approvals: { type: 'string' },
  release: { type: 'string' },
  'release-norm': { type: 'string' },
  'floor-rows': { type: 'string' },
  'floor-per-class': { type: 'string' },
} as const;
const RULES_USAGE =
  '[--approvals N] [--release always|bounds] [--release-norm X] [--floor-rows N] [--floor-per-class N]';

type RuleValues = Pick<Rules, 'approvals' | 'releaseAlways' | 'releaseNorm' | 'floorRows' | 'floorPerClass'>;
const DEFAULTS: RuleValues = {
  approvals: FIRST_RULES.approvals,
  releaseAlways: false,
  releaseNorm: Number(FIRST_RULES.release.norm),
  floorRows: FIRST_RULES.floor.rows,
  floorPerClass: FIRST_RULES.floor.perClass,
};

function rulesOf(values: Values, now: RuleValues): RuleValues {
  const release = text(values, 'release');
  if (release !== undefined && release !== 'always' && release !== 'bounds')
    throw new UsageError('--release is always or bounds.');
  const norm = text(values, 'release-norm');
  if (norm !== undefined && !(Number(norm) > 0)) throw new UsageError('--release-norm is a number above 0.');
  return {
    approvals: whole(values, 'approvals') ?? now.approvals,
    releaseAlways: release === undefined ? now.releaseAlways : release === 'always',
    releaseNorm: norm === undefined ? now.releaseNorm : Number(norm),
    floorRows: whole(values, 'floor-rows') ?? now.floorRows,
    floorPerClass: whole(values, 'floor-per-class') ?? now.floorPerClass,
  };
}

const saidRules = (rules: RuleValues) =>
  table([
    ['Approvals a round needs', String(rules.approvals)],
    [
      'An update is shown before it leaves',
      rules.releaseAlways ? 'always' : `when its norm is over ${rules.releaseNorm} times the last one’s`,
    ],
    ['Fewest training rows of an update', String(rules.floorRows)],
    ['Fewest cases of a class for a metric', String(rules.floorPerClass)],
  ]);

const list = (words: string) =>
  words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

export const peopleCommands: Record<string, Command<NodeCommandContext>> = {
  'set-up': asking(
    `--admin LOGIN --name NAME [--second LOGIN --second-name NAME | --single-admin] [--steward] ${RULES_USAGE}`,
    'make the first accounts: two admins, or one alone, which is then on record; --steward lets the first admin bring data too',
    async ({ calls, values, io }) => {
      const roles = values['steward'] === true ? ['admin', 'steward'] : ['admin'];
      const single = values['single-admin'] === true;
      const first = { login: needed(values, 'admin'), name: needed(values, 'name'), roles };
      const second = single ? undefined : text(values, 'second');
      if (!single && second === undefined)
        throw new UsageError('Two admins are needed: --second LOGIN --second-name NAME; or --single-admin, on record.');
      const admins = [{ ...first, password: await newPasswordOf(values, io, `of ${first.login}`, ...OWN_PASSWORD) }];
      if (second !== undefined)
        admins.push({
          login: second,
          name: needed(values, 'second-name'),
          roles: ['admin'],
          password: await newPasswordOf(values, io, `of ${second}`, ...SECOND_PASSWORD),
        });
      const rules = rulesOf(values, DEFAULTS);
      await calls.setUp({ admins, singleAdmin: single, rules });
      io.out(`Accounts were made for ${admins.map(({ login }) => login).join(' and ')}. The rules here:\n`);
      io.out(saidRules(rules));
    },
    {
      admin: { type: 'string' },
      name: { type: 'string' },
      'second-name': { type: 'string' },
      'single-admin': { type: 'boolean' },
      steward: { type: 'boolean' },
      ...SECOND,
      ...RULES,
    },
  ),
  'sign-in': asking(
    'LOGIN',
    'sign in for the commands that follow, until ten minutes pass without one (the node has to run)',
    async ({ calls, args, signedIn, io, running }) => {
      if (!running) throw new UsageError('Nobody can stay signed in while no node runs. Start it: assent-node run');
      const { token, person } = await calls.signIn({ login: args[0]!, password: await signedIn.password() });
      signedIn.keep(token);
      io.out(`Signed in: ${person!.name}, ${person!.roles.join(', ')}.\n`);
    },
  ),
  'sign-out': asking('', 'end the session that sign-in began', async ({ calls, signedIn, io }) => {
    await calls.signOut({});
    signedIn.forget();
    io.out('Signed out.\n');
  }),
  people: asking('', 'list the accounts', async ({ calls, io }) => {
    const { people } = await calls.listPeople({});
    const rows = people.map((one) => [one.login, one.name, one.roles.join(', '), one.state, one.id]);
    io.out(table([['LOGIN', 'NAME', 'ROLES', 'STATE', 'ID'], ...rows]));
  }),
  'person add': asking(
    'LOGIN --name NAME --roles steward,approver [--new-password-file FILE]',
    'make an account (admin); the password is a first one, to be changed: assent-node password',
    async ({ calls, args, values, io, password }) => {
      const login = args[0]!;
      const own = await password();
      const person = {
        login,
        name: needed(values, 'name'),
        roles: list(needed(values, 'roles')),
        password: await newPasswordOf(values, io, `of ${login}`, ...NEW_PASSWORD),
      };
      await calls.addPerson({ person, password: own });
      io.out(`Account ${login} was made: ${person.roles.join(', ')}.\n`);
    },
    { name: { type: 'string' }, roles: { type: 'string' }, 'new-password-file': { type: 'string' } },
  ),
  'person roles': asking(
    'LOGIN --roles steward,approver',
    'change what an account may do, from its next request on (admin)',
    async ({ calls, args, values, io, password }) => {
      const roles = list(needed(values, 'roles'));
      await calls.changeRoles({ login: args[0]!, roles, password: await password() });
      io.out(`${args[0]!} is now ${roles.join(', ')}.\n`);
    },
    { roles: { type: 'string' } },
  ),
  'person deactivate': asking(
    'LOGIN',
    'end an account; what it did stays on record (admin)',
    async ({ calls, args, io, password }) => {
      await calls.deactivatePerson({ login: args[0]!, password: await password() });
      io.out(`${args[0]!} can do nothing here any more.\n`);
    },
  ),
  'person new-key': asking(
    'LOGIN [--second LOGIN] [--new-password-file FILE]',
    'for somebody who forgot the password: a new key under a new one; two admins sign, old signatures still verify',
    async ({ calls, args, values, io, password }) => {
      const own = await password();
      const second = await secondOf(values, io);
      const newPassword = await newPasswordOf(values, io, `of ${args[0]!}`, ...NEW_PASSWORD);
      await calls.issueKey({ login: args[0]!, newPassword, password: own, ...second });
      io.out(`${args[0]!} has a new key. The old one is retired; what it signed still verifies.\n`);
    },
    { 'new-password-file': { type: 'string' }, ...SECOND },
  ),
  password: asking(
    '[--new-password-file FILE]',
    'change your own password',
    async ({ calls, values, io, password }) => {
      const old = await password();
      const newPassword = await newPasswordOf(values, io, 'of yours', ...NEW_PASSWORD);
      await calls.changePassword({ password: old, newPassword });
      io.out('Your password was changed; your key is the same.\n');
    },
    { 'new-password-file': { type: 'string' } },
  ),
  rules: asking(
    `${RULES_USAGE} [--second LOGIN]`,
    'show or change what this institution asks of itself before anything leaves; two admins sign a change',
    async ({ calls, values, io, password }) => {
      const { rules } = await calls.getRules({});
      const changed = Object.keys(RULES).some((name) => text(values, name) !== undefined);
      if (!changed) return io.out(saidRules(rules!));
      const own = await password();
      const second = await secondOf(values, io);
      const now = await calls.changeRules({ rules: rulesOf(values, rules!), password: own, ...second });
      io.out(saidRules(now.rules!));
    },
    { ...RULES, ...SECOND },
  ),
};
