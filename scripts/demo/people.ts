// The people of the demo's institutions: made up, three in each. One makes the accounts and brings the data; two approve.
import { nodeCalls, personCalls, type NodeCalls } from './clients.ts';
import { localTransport, type Address } from '../../platform/local-client.ts';
import { randomBytes } from '../../platform/crypto.ts';
import { toHex } from '../../shared/wire/canonical.ts';

type Person = { login: string; name: string };
const PEOPLE: readonly (readonly [Person, Person, Person])[] = [
  [
    { login: 'rosa', name: 'Rosa Vance' },
    { login: 'theo', name: 'Theo Okafor' },
    { login: 'june', name: 'June Albright' },
  ],
  [
    { login: 'zsofia', name: 'Zsófia Kertész' },
    { login: 'balint', name: 'Bálint Őry' },
    { login: 'lukasz', name: 'Łukasz Żak' },
  ],
  [
    { login: 'reto', name: 'Reto Bühler' },
    { login: 'chloe', name: 'Chloé Favre' },
    { login: 'chen', name: '陈静' },
  ],
  [
    { login: 'maya', name: 'Maya Lindqvist' },
    { login: 'sam', name: 'Sam Whitehorse' },
    { login: 'ines', name: 'Inês Duarte' },
  ],
];

export type Staff = {
  /** Admin and steward: accounts, enrolment, data, exports. */
  office: NodeCalls;
  officePassword: string;
  officePerson: Person;
  approvers: { login: string; name: string; password: string; calls: NodeCalls }[];
};

/** Makes the accounts of the demo's member number `at` (from 0), with passwords of their own, or one for all to read. */
export async function makeStaff(address: Address, at: number, forAll?: string): Promise<Staff> {
  const [office, ...approvers] = PEOPLE[at % PEOPLE.length]!.map((person) => ({
    ...person,
    password: forAll ?? toHex(randomBytes(12)),
  }));
  await nodeCalls(address).setUp({ admins: [{ ...office!, roles: ['admin', 'steward'] }], singleAdmin: true });
  const callsOf = (person: { login: string; password: string }) =>
    personCalls((interceptors) => localTransport(address, interceptors), person);
  const calls = callsOf(office!);
  for (const person of approvers)
    await calls.addPerson({ person: { ...person, roles: ['approver'] }, password: office!.password });
  return {
    office: calls,
    officePassword: office!.password,
    officePerson: { login: office!.login, name: office!.name },
    approvers: approvers.map((person) => ({ ...person, calls: callsOf(person) })),
  };
}
