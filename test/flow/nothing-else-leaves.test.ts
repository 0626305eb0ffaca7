// A real node with native TensorFlow, in a process of its own in which every way to the network is traced, takes part in whole
// rounds over a line that counts bytes: what passed there is what the ledger says, and there was no other way out.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { addressFile as coordinatorAddress } from '../../coordinator/store/open.ts';
import { addressFile } from '../../main/store/open.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { decodeUtf8, encodeCanonical } from '../../shared/wire/canonical.ts';
import { layLine } from '../support/cutting-line.ts';
import { connect, lay, nodeCalls, setUpPeople, startCoordinator, startNode } from '../support/gauntlet.ts';
import { smallStudy } from '../support/institution.ts';
import { PASSWORD, signPolicy } from '../support/people.ts';
import { programFile, runToEnd } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

const tracing = (file: string) => ({
  ASSENT_TRACE: file,
  NODE_OPTIONS: `--import ${pathToFileURL(programFile('test/support/traced-sockets-process.ts')).href}`,
});
const run = promisify(execFile);
const traced = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []);
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

type Row = { purpose: string; head: number | null; body: number; status: number | null; error: string | null };

test('every byte that passed between a node and the coordinator is in the ledger', { timeout: 120_000 }, async () => {
  const g = await lay(temporaryFolder());
  const study = smallStudy(['cohort', { least: 1, quorum: 1 }], ['model.layers', wide()]);
  const create = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
  expect(await runToEnd('coordinator/cli.ts', create)).toMatchObject({ code: 0 });
  const coordinator = startCoordinator(g);
  await coordinator.ready();
  const admin = connect(AdminService, coordinatorAddress(g.coordinatorHome));
  const line = await layLine(g.port);
  const trace = join(g.folder, 'trace');
  const [{ id, home, csv }] = g.nodes as [{ id: string; home: string; csv: string }];
  const node = startNode(g, home, [], 'main/headless.ts', tracing(trace));
  await node.ready();
  await setUpPeople({ process: node, calls: () => nodeCalls(addressFile(home)) });
  const calls = nodeCalls(addressFile(home));

  const { invitation, fingerprint } = await admin.invite({
    member: id,
    name: id,
    url: `http://127.0.0.1:${line.port}`,
  });
  const own = await calls.enrol({ invitation, fingerprint });
  while (!(await admin.listMembers({})).members.some(({ state }) => state === 'enrolled')) await turn();
  await admin.admit({ member: id, fingerprint: own.fingerprint });
  await admin.startStudy({ definition: decodeUtf8(encodeCanonical(study)) });
  while ((await calls.listStudies({})).studies.length === 0) await turn();
  for await (const { kind } of calls.importDataset({ path: csv, name: 'Rows' }))
    if (kind.case === 'dataset') await calls.joinStudy({ study: study.id, dataset: kind.value.id, password: PASSWORD });
  await signPolicy(calls, { study: study.id });
  for await (const { studies } of admin.watchStatus({})) if (studies[0]?.state === 'finished') break;
  while ((await calls.getModels({ study: study.id })).consortium === undefined) await turn();
  await node.stop();
  await line.quiet();
  await coordinator.stop();

  const store = new Database(join(home, 'assent.db'), { readonly: true });
  const rows = store.prepare<[], Row>('select purpose, head, body, status, error from outbound order by id').all();
  const unsettled = store.prepare('select count(*) from outbound where settled is null').pluck().get();
  store.close();
  expect(unsettled).toBe(0);
  expect(rows.reduce((sum, { head, body }) => sum + head! + body, 0)).toBe(line.passed.up);
  const updates = rows.filter(({ purpose, body }) => purpose === 'update' && body > 100_000);
  expect(updates).toHaveLength(3); // one a round, and much more than anything else that left
  expect(new Set(rows.map(({ purpose }) => purpose))).toEqual(
    new Set(['greeting', 'enrolment', 'watch', 'join', 'decision', 'update', 'download', 'receipt', 'witness']),
  );
  // The last poll was under way when the node stopped; what else left was answered.
  expect(rows.filter(({ error }) => error !== null).map(({ purpose, error }) => [purpose, error])).toEqual([
    ['watch', 'CANCELED'],
  ]);
  const ways = traced(trace);
  expect(new Set(ways)).toEqual(new Set([`connect 127.0.0.1:${line.port}`]));
  expect(ways).toHaveLength(line.made());
});

/** Updates of about 200 kB. */
const wide = () => [100, 400, 1].map((units) => ({ class_name: 'Dense', config: { units } }));

test('the tracing sees whatever else would reach for the network', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    udp.close();
  });
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const quietly = (code: string) => `await (async () => { ${code} })().catch(() => {});`;
  const planted: [string, string][] = [
    [`await fetch('${url}')`, `connect 127.0.0.1:${port}`],
    [
      `new WebSocket('${url.replace('http', 'ws')}'); await new Promise((r) => setTimeout(r, 100))`,
      `connect 127.0.0.1:${port}`,
    ],
    [
      `(await import('node:http')).get('${url}').on('error', () => {}); await new Promise(setImmediate)`,
      `connect 127.0.0.1:${port}`,
    ],
    [
      `(await import('node:tls')).connect({ port: ${port}, host: '127.0.0.1' }).on('error', () => {})`,
      `connect 127.0.0.1:${port}`,
    ],
    [
      `const { connect } = await import('node:net'); connect(${port}, '127.0.0.1').on('error', () => {})`,
      `connect 127.0.0.1:${port}`,
    ],
    [
      `const s = (await import('node:dgram')).createSocket('udp4'); s.send('x', ${udp.address().port}, '127.0.0.1', () => s.close())`,
      'udp send',
    ],
    [`await (await import('node:dns/promises')).lookup('localhost')`, 'dns localhost'],
    [`const { lookup } = await import('node:dns'); lookup('localhost', () => {})`, 'dns localhost'],
    [
      `const { Worker } = await import('node:worker_threads'); new Worker("fetch('${url}')", { eval: true }); await new Promise((r) => setTimeout(r, 300))`,
      `connect 127.0.0.1:${port}`,
    ],
    [`(await import('node:child_process')).execFileSync('true')`, 'program true'],
  ];
  for (const [at, [code, seen]] of planted.entries()) {
    const file = join(folder, `${at}.trace`);
    const env = { ...process.env, ...tracing(file) };
    await run(process.execPath, ['--input-type=module', '-e', quietly(code)], { env });
    expect([code, traced(file)]).toEqual([code, expect.arrayContaining([seen])]);
  }
});
