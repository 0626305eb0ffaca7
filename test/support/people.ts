// People of a test's institution: real accounts with real keys, and a client that lets whoever has the role make each call.
import { cpSync } from 'node:fs';
import { createClient, createRouterTransport, type Interceptor, type Transport } from '@connectrpc/connect';
import { ACCESS } from '../../main/access.ts';
import type { AssentNode } from '../../main/node.ts';
import { addPerson, setUp } from '../../main/people/accounts.ts';
import { unlockPerson, type PersonSigner } from '../../main/people/keys.ts';
import { isSetUp, personNamed } from '../../main/people/people.ts';
import type { RuleChoice } from '../../main/people/rules.ts';
import { nodeRoutes } from '../../main/routes.ts';
import { openStore } from '../../main/store/open.ts';
import { NodeService, type Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { FIRST_RULES, type Role } from '../../shared/records/account.ts';
import { personCalls, type NodeCalls } from '../../scripts/demo/clients.ts';
import { handClock } from './hand-clock.ts';
import { lastingFolder } from './temporary.ts';

export const PASSWORD = 'the password of a test';

/** Ada made the accounts, alone or with Eve; Sam brings data; Ann and Bob approve; Otto audits. */
export const PEOPLE = [
  { login: 'ada', name: 'Ada Admin', roles: ['admin'] },
  { login: 'sam', name: 'Sam Steward', roles: ['steward'] },
  { login: 'ann', name: 'Ann Approver', roles: ['approver'] },
  { login: 'bob', name: 'Bob Approver', roles: ['approver'] },
  { login: 'eve', name: 'Eve Admin', roles: ['admin'] },
  { login: 'otto', name: 'Otto Auditor', roles: ['auditor'] },
] as const satisfies readonly { login: string; name: string; roles: readonly Role[] }[];
export type Login = (typeof PEOPLE)[number]['login'];

/** One approval is enough and no floor holds: tests of more say so. */
export const EASY_RULES: RuleChoice = { ...FIRST_RULES, approvals: 1, floor: { rows: 1, perClass: 1 } };

export type Peopled = Pick<AssentNode, 'store' | 'clock'>;
const depsOf = ({ store, clock }: Peopled) => ({ store, now: clock.now });

/** Makes the accounts of PEOPLE in a store that has none; those named in `which` are enough for a test that needs no other. */
export async function makePeople(
  node: Peopled,
  rules: RuleChoice = EASY_RULES,
  which: readonly Login[] = ['ada', 'sam', 'ann', 'bob'],
): Promise<void> {
  if (isSetUp(node.store.journal.read)) return;
  const deps = depsOf(node);
  const [ada, ...others] = PEOPLE.filter(({ login }) => which.includes(login)).map((person) => ({
    ...person,
    roles: [...person.roles],
    password: PASSWORD,
  }));
  const eve = others.filter(({ login }) => login === 'eve');
  await setUp(deps, [ada!, ...eve], { singleAdmin: eve.length === 0, rules });
  const admin = await signerOf(node, 'ada');
  for (const person of others.filter(({ login }) => login !== 'eve')) await addPerson(deps, person, admin);
}

/** The person with the password just typed. */
export function signerOf(node: Peopled, login: Login, password = PASSWORD): Promise<PersonSigner> {
  return unlockPerson(depsOf(node), personNamed(node.store.journal.read, login)!.id, password);
}

const unlocked = new Map<string, PersonSigner>();

/** As signerOf, for tests that are about something else: a key is unwrapped once a process, since that is made to be slow. */
export async function typing(node: Peopled, login: string): Promise<PersonSigner> {
  const person = personNamed(node.store.journal.read, login)!;
  const signer = unlocked.get(person.key) ?? (await unlockPerson(depsOf(node), person.id, PASSWORD));
  unlocked.set(person.key, signer);
  return { ...signer, person, at: node.clock.now() };
}

const homes = new Map<string, Promise<string>>();

/**
 * Makes a new home with a store of this passphrase and the people of PEOPLE that `makePeople` makes. It is a copy of one
 * made before in this process under the same rules, keys and all, unless it is to be `fresh`.
 */
export async function peopledHome(home: string, passphrase: string, rules: RuleChoice, fresh: boolean): Promise<void> {
  const clock = handClock();
  const make = async (folder: string) => {
    const store = await openStore(folder, passphrase, clock.now);
    await makePeople({ store, clock }, rules);
    store.close();
    return folder;
  };
  if (fresh) return void (await make(home));
  const key = JSON.stringify([passphrase, rules]);
  const made = homes.get(key) ?? make(lastingFolder());
  homes.set(key, made);
  cpSync(await made, home, { recursive: true });
}

const DOES: Record<Role, Login> = { admin: 'ada', steward: 'sam', approver: 'ann', auditor: 'otto' };

/** Each call is made by whoever of PEOPLE has a role for it; `as` names somebody else for all calls. */
export function callsOf(transport: (interceptors: Interceptor[]) => Transport): NodeCalls & {
  as(login: Login): NodeCalls;
} {
  const anyone = createClient(NodeService, transport([]));
  const clients = new Map<Login, NodeCalls>();
  const as = (login: Login): NodeCalls => {
    const client = clients.get(login) ?? personCalls(transport, { login, password: PASSWORD });
    clients.set(login, client);
    return client;
  };
  const clientFor = (method: keyof typeof ACCESS): NodeCalls => {
    const access = ACCESS[method];
    if (access === 'machine') return anyone;
    if (access === 'signed-in') return as('sam');
    const roles: readonly Role[] = access;
    return as(roles.includes('admin') ? 'ada' : DOES[roles[0]!]);
  };
  return new Proxy(anyone, {
    get: (_target, name) => (name === 'as' ? as : clientFor(name as keyof typeof ACCESS)[name as keyof NodeCalls]),
  }) as ReturnType<typeof callsOf>;
}

/** Calls within this process, over the same routes as HTTP has. */
export const callsWithin = (node: AssentNode) =>
  callsOf((interceptors) => createRouterTransport(nodeRoutes(node), { transport: { interceptors } }));

/** A standing policy that Ann proposes and Bob signs. */
export async function signPolicy(
  calls: ReturnType<typeof callsOf>,
  policy: { study: string; bytes?: number },
): Promise<string> {
  const { policyHash } = await calls.as('ann').signPolicy({ ...policy, password: PASSWORD });
  await calls.as('bob').signPolicy({ ...policy, policyHash, password: PASSWORD });
  return policyHash;
}

/** A decision on training, by somebody who has looked at the round. */
export async function decideRound(
  calls: NodeCalls,
  name: { study: string; round: number; attempt: number },
  decision: Decision,
): Promise<void> {
  const { planHash, screenHash } = await calls.getRound({ name });
  await calls.decideRound({ name, planHash, screenHash, decision, reason: 'as agreed', password: PASSWORD });
}
