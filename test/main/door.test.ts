import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { openDoor } from '../../main/door.ts';
import { main } from '../../main/headless.ts';
import { openNode } from '../../main/node.ts';
import { ExportFormat } from '../../shared/gen/assent/v1/node_pb.ts';
import { remoteTransport } from '../../platform/remote-client.ts';
import { makeAuthority } from '../support/certificates.ts';
import { PASSPHRASE } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { EASY_RULES, makePeople, PASSWORD } from '../support/people.ts';
import { personCalls } from '../../scripts/demo/clients.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

/** A node in a data centre, reached under the name `localhost`. */
async function dataCentre() {
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE, openProblem: leastSquares });
  await makePeople(node, EASY_RULES, ['ada', 'sam', 'ann', 'otto']);
  const authority = makeAuthority('Hospital');
  const { cert, key } = authority.issue('localhost');
  const door = await openDoor(node, { host: '127.0.0.1', port: 0, cert: Buffer.from(cert), key: Buffer.from(key) });
  onTestFinished(async () => {
    await door.close();
    await node.close();
  });
  const url = door.url.replace('127.0.0.1', 'localhost');
  const desktop = (login: string) =>
    personCalls((interceptors) => remoteTransport(url, authority.pem, interceptors), { login, password: PASSWORD });
  return { node, url, authority, desktop };
}

test('two people sign in to one node from computers of their own, each with the own roles', async () => {
  const { desktop } = await dataCentre();
  const [ada, ann] = [desktop('ada'), desktop('ann')];
  expect([(await ada.whoAmI({})).person!.name, (await ann.whoAmI({})).person!.name]).toEqual([
    'Ada Admin',
    'Ann Approver',
  ]);
  await expect(ann.getRules({})).resolves.toMatchObject({ rules: { approvals: 1 } });
  await expect(ann.changeRoles({ login: 'ada', roles: ['auditor'], password: PASSWORD })).rejects.toThrow(
    'This is for admin; ann is approver.',
  );
});

test('a session of one computer is of no use without its token, and files of the machine are not for those afar', async () => {
  const { desktop, url, authority } = await dataCentre();
  await desktop('ann').whoAmI({});
  const nobody = personCalls((_signedIn) => remoteTransport(url, authority.pem, []), {
    login: 'ann',
    password: PASSWORD,
  });
  await expect(nobody.whoAmI({})).rejects.toThrow('Nobody is signed in.');
  await expect(exportFolder(desktop('otto'), '/somewhere')).rejects.toThrow('done at that machine');
  await expect(nobody.setUp({ admins: [{ login: 'eve', name: 'Eve' }] })).rejects.toThrow('done at that machine');
});

test('a file that was brought over the network may be imported from afar, and is gone afterwards', async () => {
  const { desktop, node } = await dataCentre();
  const sam = desktop('sam');
  const own = join(node.store.home, 'rows.csv');
  writeFileSync(own, 'x\n1\n');
  await expect(sam.inspectFile({ path: own })).rejects.toThrow('done at that machine');
  const content = Buffer.from('x,y\n1,2\n3,4\n');
  const { path } = await sam.uploadFile({ name: 'mine.csv', size: BigInt(content.length), content });
  expect((await sam.inspectFile({ path })).columns.map(({ name }) => name)).toEqual(['x', 'y']);
  for await (const { kind } of sam.importDataset({ path, name: 'Mine' }))
    if (kind.case === 'dataset') expect([kind.value.file, kind.value.rows]).toEqual(['mine.csv', 2n]);
  expect(existsSync(path)).toBe(false);
  await expect(sam.inspectFile({ path })).rejects.toThrow('done at that machine');
  await expect(desktop('ann').uploadFile({ name: 'x.csv', size: 1n, content: Buffer.from('x') })).rejects.toThrow(
    'This is for steward',
  );
});

test('an export without a path is made and fetched from afar, and leaves no file on the machine', async () => {
  const { desktop, node } = await dataCentre();
  const otto = desktop('otto');
  const files = [];
  for await (const { kind } of otto.exportAuditLog({ format: ExportFormat.SYSLOG }))
    if (kind.case === 'exported') files.push(...kind.value.written);
  const read: Uint8Array[] = [];
  for await (const { content } of otto.fetchExport({ download: files[0]!.download })) read.push(content);
  expect(BigInt(Buffer.concat(read).length)).toBe(files[0]!.bytes);
  expect(readdirSync(join(node.store.home, 'downloads'))).toEqual([]);
});

test('a certificate of another authority is refused, and so is plain HTTP', async () => {
  const { url } = await dataCentre();
  const stranger = remoteTransport(url, makeAuthority('Stranger').pem, []);
  const calls = personCalls(() => stranger, { login: 'ann', password: PASSWORD });
  await expect(calls.whoAmI({})).rejects.toThrow(/fetch failed/);
  expect(() => remoteTransport(url.replace('https', 'http'), undefined, [])).toThrow(
    expect.objectContaining({ code: 'TRANSPORT_INSECURE' }),
  );
});

test('the command line reaches that node too', async () => {
  const { url, authority } = await dataCentre();
  const folder = temporaryFolder();
  const [ca, password] = [join(folder, 'ca.pem'), join(folder, 'password')];
  writeFileSync(ca, authority.pem);
  writeFileSync(password, PASSWORD);
  const out: string[] = [];
  const say = (line: string) => void out.push(line);
  const io = {
    out: say,
    err: say,
    env: { ASSENT_PASSWORD_FILE: password },
    ask: undefined,
    signal: new AbortController().signal,
  };
  expect(await main(['--node', url, '--node-ca', ca, '--as', 'ann', 'people'], io)).toBe(0);
  expect(out.join('')).toContain('Ann Approver');
});
