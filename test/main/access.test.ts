import { createClient } from '@connectrpc/connect';
import { onTestFinished, expect, test } from 'vitest';
import { ACCESS, SESSION_HEADER } from '../../main/access.ts';
import { openNode } from '../../main/node.ts';
import { serve } from '../../main/serve.ts';
import { addressFile } from '../../main/store/open.ts';
import { localTransport, readAddress } from '../../platform/local-client.ts';
import { NodeService } from '../../shared/gen/assent/v1/node_pb.ts';
import { ROLES, type Role } from '../../shared/records/account.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { PASSPHRASE } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { makePeople, PASSWORD, PEOPLE, EASY_RULES } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';

type Method = keyof typeof ACCESS;
const METHODS = Object.keys(ACCESS) as Method[];

async function servedNode() {
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE, openProblem: leastSquares });
  const server = await serve(node, 0);
  onTestFinished(async () => {
    await server.close();
    await node.close();
  });
  const calls = createClient(NodeService, localTransport(readAddress(addressFile(node.store.home))!));
  /** The code with which a call that says nothing of use is refused; undefined when it was answered. */
  const codeOf = async (method: Method, token: string): Promise<string | undefined> => {
    const options = { headers: { [SESSION_HEADER]: token } };
    try {
      const answer: unknown = (calls[method] as (request: object, options: object) => unknown)({}, options);
      if (NodeService.method[method].methodKind === 'server_streaming')
        await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
      else await answer;
      return undefined;
    } catch (error) {
      return fromWire(error, 'NODE_UNREACHABLE').code;
    }
  };
  return { node, calls, codeOf };
}

test('every method but those before a sign-in refuses whoever is not signed in', async () => {
  const { node, codeOf } = await servedNode();
  await makePeople(node, EASY_RULES, ['ada']);
  for (const method of METHODS.filter((name) => ACCESS[name] !== 'machine'))
    for (const token of ['', '00', 'f'.repeat(64)])
      expect([method, await codeOf(method, token)]).toEqual([method, 'SESSION_MISSING']);
});

test('every method refuses each role that it is not for, before it looks at what is asked', async () => {
  const { node, calls, codeOf } = await servedNode();
  await makePeople(node, EASY_RULES, ['ada', 'sam', 'ann', 'otto']);
  const tokens = new Map<Role, string>();
  for (const login of ['ada', 'sam', 'ann', 'otto'])
    tokens.set(
      PEOPLE.find((person) => person.login === login)!.roles[0],
      (await calls.signIn({ login, password: PASSWORD })).token,
    );
  for (const method of METHODS) {
    const access: readonly string[] | string = ACCESS[method];
    if (typeof access === 'string') continue;
    for (const role of ROLES) {
      const refused = (await codeOf(method, tokens.get(role)!)) === 'ROLE_MISSING';
      expect([method, role, refused]).toEqual([method, role, !access.includes(role)]);
    }
  }
});
