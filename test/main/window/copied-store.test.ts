// What somebody has who copies the folder of a running installation.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, createRouterTransport } from '@connectrpc/connect';
import { expect, onTestFinished, test } from 'vitest';
import { SESSION_HEADER } from '../../../main/access.ts';
import { openNode, type AssentNode } from '../../../main/node.ts';
import { nodeRoutes } from '../../../main/routes.ts';
import { NodeService } from '../../../shared/gen/assent/v1/node_pb.ts';
import { fromWire } from '../../../shared/rpc/errors.ts';
import { PASSPHRASE } from '../../support/institution.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { callsWithin, makePeople, PASSWORD } from '../../support/people.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const WARD = 'Zebrawood ward';
const open = (home: string, passphrase: string) => openNode({ home, passphrase, openProblem: leastSquares });

function bytesOf(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

test('a copied database shows no row, key or password, opens with no other passphrase, and knows nobody’s session', async () => {
  const [home, copied] = [temporaryFolder(), join(temporaryFolder(), 'copy')];
  const node = await open(home, PASSPHRASE);
  onTestFinished(() => node.close());
  await makePeople(node);
  const file = join(temporaryFolder(), 'rows.csv');
  const rows = Array.from({ length: 200 }, (_, i) => `${i % 2 ? WARD : 'Ironbark ward'},${(i * 7) % 90}`);
  writeFileSync(file, `ward,age\n${rows.join('\n')}\n`);
  const calls = callsWithin(node);
  let ready = false;
  for await (const { kind } of calls.importDataset({ path: file, name: 'Rows' })) ready ||= kind.case === 'dataset';
  expect(ready).toBe(true);
  const { token } = await clientOf(node).signIn({ login: 'sam', password: PASSWORD });
  cpSync(home, copied, { recursive: true });

  const files = bytesOf(copied);
  // The search finds what is there: names of data sets are not sealed.
  expect(files.some((bytes) => bytes.includes('Rows'))).toBe(true);
  for (const secret of [WARD, 'Ironbark', PASSWORD, PASSPHRASE, token])
    expect([secret, files.filter((bytes) => bytes.includes(secret)).length]).toEqual([secret, 0]);
  await expect(open(copied, `${PASSPHRASE}!`)).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });

  // Whoever has the passphrase, too, still is nobody.
  const twin = await open(copied, PASSPHRASE);
  onTestFinished(() => twin.close());
  const refusal = await clientOf(twin)
    .whoAmI({}, { headers: { [SESSION_HEADER]: token } })
    .then(
      () => 'none',
      (error) => fromWire(error, 'NODE_UNREACHABLE').code,
    );
  expect(refusal).toBe('SESSION_MISSING');
  expect((await clientOf(node).whoAmI({}, { headers: { [SESSION_HEADER]: token } })).person?.login).toBe('sam');
});

const clientOf = (node: AssentNode) => createClient(NodeService, createRouterTransport(nodeRoutes(node)));
