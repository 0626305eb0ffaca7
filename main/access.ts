// Who may call what: each method of node.proto is open to the machine's own user, to whoever is signed in, or to some roles.
import { createContextKey, type ContextValues, type Interceptor } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import type { Role } from '../shared/records/account.ts';
import type { Person } from './people/people.ts';
import type { Sessions } from './people/sessions.ts';

/** `machine`: whoever can read the token of the node's folder, before anybody has signed in. */
type Access = 'machine' | 'signed-in' | readonly Role[];

export const ACCESS = {
  getStatus: 'machine',
  watch: 'machine',
  setUp: 'machine',
  signIn: 'machine',
  signOut: 'machine',
  whoAmI: 'signed-in',
  listPeople: 'signed-in',
  addPerson: ['admin'],
  changeRoles: ['admin'],
  deactivatePerson: ['admin'],
  issueKey: ['admin'],
  changePassword: 'signed-in',
  getRules: 'signed-in',
  changeRules: ['admin'],

  readInvitation: ['admin'],
  enrol: ['admin'],
  setNetwork: ['admin'],

  inspectFile: ['steward'],
  uploadFile: ['steward'],
  discardUpload: ['steward'],
  importDataset: ['steward'],
  listDatasets: 'signed-in',
  deleteDataset: ['steward'],
  withdrawRows: ['steward'],
  listSnapshots: 'signed-in',
  getQuality: ['steward'],
  listStudies: 'signed-in',
  checkMapping: ['steward'],
  draftMapping: ['steward'],
  saveMapping: ['steward'],
  listMappings: ['steward'],
  getStudy: 'signed-in',
  getJoinStatement: ['steward'],
  joinStudy: ['steward'],
  moveStudy: ['steward'],
  leaveStudy: ['steward'],

  listRounds: 'signed-in',
  getRound: 'signed-in',
  getRelease: 'signed-in',
  decideRound: ['approver'],
  deferRound: ['approver'],
  revokeRound: ['approver'],
  getPractice: ['approver', 'steward'],
  practiceRound: ['approver', 'steward'],
  getPolicyStatement: ['approver'],
  signPolicy: ['approver'],
  revokePolicy: ['approver'],

  trainLocal: ['steward'],
  getModels: 'signed-in',
  saveModel: ['steward'],
  getReceipt: 'signed-in',
  listRecords: ['auditor', 'admin'],
  getRecord: ['auditor', 'admin'],
  verifyLog: ['auditor', 'admin'],
  exportAuditLog: ['auditor', 'admin'],
  fetchExport: ['auditor', 'admin'],
  discardExports: ['auditor', 'admin'],
  listAnchors: 'signed-in',
  startSuccessor: ['admin'],
  listOutbound: ['auditor', 'admin'],
  listOutboundDays: ['auditor', 'admin'],
  eraseOpenings: ['admin'],
  getRetention: 'signed-in',
  setRetention: ['admin'],
} as const satisfies Record<keyof typeof NodeService.method, Access>;

/** The header that carries a session's token. */
export const SESSION_HEADER = 'assent-session';

const callerKey = createContextKey<Person | undefined>(undefined);

/** Refuses a call before its handler sees it. Throws SESSION_MISSING, ROLE_MISSING. */
export const permitting =
  (sessions: Sessions): Interceptor =>
  (next) =>
  (request) => {
    const access: Access = ACCESS[request.method.localName as keyof typeof ACCESS];
    if (access !== 'machine') {
      const caller = sessions.personOf(request.header.get(SESSION_HEADER) ?? '');
      if (access !== 'signed-in' && !access.some((role) => caller.roles.includes(role)))
        throw new AssentError(
          'ROLE_MISSING',
          `This is for ${access.join(' or ')}; ${caller.login} is ${caller.roles.join(', ')}.`,
          { needed: access.join(','), roles: caller.roles.join(',') },
        );
      request.contextValues.set(callerKey, caller);
    }
    return next(request);
  };

/** Who calls; only for methods that ask for somebody signed in. */
export function callerOf({ values }: { values: ContextValues }): Person {
  const caller = values.get(callerKey);
  if (!caller) throw new AssentError('SESSION_MISSING', 'Nobody is signed in.');
  return caller;
}
