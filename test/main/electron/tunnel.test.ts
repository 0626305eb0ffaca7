// The desktop app's calls without its window: the page's own fetch, the tunnel, and a real node in this process.
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { expect, onTestFinished, test } from 'vitest';
import { inProcess } from '../../../main/electron/in-process.ts';
import { withShell } from '../../../main/electron/shell-calls.ts';
import { createTunnel, decidingAs, exceptDeciding, type CallNode } from '../../../main/electron/tunnel.ts';
import { openNode } from '../../../main/node.ts';
import { nodeRoutes } from '../../../main/routes.ts';
import type { Answer, Bridge } from '../../../renderer/bridge.ts';
import { ipcFetch } from '../../../renderer/ipc-fetch.ts';
import { NodeService } from '../../../shared/gen/assent/v1/node_pb.ts';
import { ShellService } from '../../../shared/gen/assent/v1/shell_pb.ts';
import { fromWire } from '../../../shared/rpc/errors.ts';
import { PASSPHRASE } from '../../support/institution.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { makePeople, PASSWORD } from '../../support/people.ts';
import { temporaryFolder } from '../../support/temporary.ts';

async function window() {
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE, openProblem: leastSquares });
  onTestFinished(() => node.close());
  await makePeople(node, undefined, ['ada', 'sam']);
  let openAtLogin = false;
  const shellMethods = {
    GetShell: () => ({ openAtLogin, remote: '' }),
    SetOpenAtLogin({ open }: Record<string, unknown>) {
      openAtLogin = open === true;
      return {};
    },
    ConnectTo() {
      throw new Error('The address of a node is https://HOST:PORT.');
    },
  };
  const tunnel = createTunnel(withShell(shellMethods, inProcess(nodeRoutes(node))));
  const sender = { id: 1 };
  // What Electron does between a page and its main process: copies, and forwards a message alone.
  const answered = async <T>(work: () => T | Promise<T>): Promise<Answer<T>> => {
    try {
      return structuredClone({ ok: true as const, value: await work() });
    } catch (error) {
      return { ok: false, code: 'NODE_UNREACHABLE', message: (error as Error).message };
    }
  };
  const bridge: Bridge = {
    open: (id, request) => answered(() => tunnel.open(sender, id, structuredClone(request))),
    pull: (id) => answered(() => tunnel.pull(sender, id)),
    cancel: (id) => answered(() => tunnel.cancel(sender, id)),
    pathOf: () => '',
  };
  const transport = (useBinaryFormat: boolean) =>
    createConnectTransport({ baseUrl: 'http://node', useBinaryFormat, fetch: ipcFetch(bridge) });
  return {
    node,
    tunnel,
    sender,
    bridge,
    calls: createClient(NodeService, transport(true)),
    shell: createClient(ShellService, transport(false)),
  };
}
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error) => fromWire(error, 'NODE_UNREACHABLE').code,
  );

test('calls, refusals with their codes, and streams go through as over HTTP', async () => {
  const { calls, tunnel, node } = await window();
  expect((await calls.getStatus({})).setUp).toBe(true);
  expect(await codeOf(calls.listRounds({}))).toBe('SESSION_MISSING');
  expect(await codeOf(calls.signIn({ login: 'sam', password: 'wrong password' }))).toBe('PASSWORD_WRONG');
  const stop = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { status } of calls.watch({}, { signal: stop.signal })) {
      seen.push(status!.records);
      if (seen.length === 1) await calls.signIn({ login: 'sam', password: PASSWORD });
      if (seen.length === 2) stop.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ message: expect.stringContaining('abort') as string });
  expect(seen[1]).toBe(seen[0]! + 1);
  expect(node.store.journal.size()).toBe(seen[1]);
  expect(tunnel.size()).toBe(0);
});

test('a session seen on a window’s calls can be ended when the machine is locked', async () => {
  const { calls, tunnel } = await window();
  const { token } = await calls.signIn({ login: 'sam', password: PASSWORD });
  const headers = { 'assent-session': token };
  await calls.whoAmI({}, { headers });
  expect(tunnel.sessions()).toEqual([token]);
  expect(tunnel.sessions()).toEqual([]);
});

test('the calls of a page end when it goes away', async () => {
  const { bridge, tunnel, sender } = await window();
  const header: [string, string][] = [['content-type', 'application/connect+proto']];
  // An empty Watch request in Connect's framing.
  await bridge.open(7, { path: '/assent.v1.NodeService/Watch', header, body: new Uint8Array(5) });
  expect(tunnel.size()).toBe(1);
  expect(await bridge.pull(7)).toMatchObject({ ok: true });
  tunnel.closeAll(sender);
  expect(tunnel.size()).toBe(0);
  expect(await bridge.pull(7)).toEqual({ ok: true, value: null });
});

test('what is no call of ours is refused before it goes anywhere', async () => {
  const { tunnel, sender } = await window();
  const path = '/assent.v1.NodeService/GetStatus';
  const body = new Uint8Array();
  for (const request of [
    undefined,
    null,
    'path',
    [],
    {},
    { path, header: [], body: 'text' },
    { path, header: {}, body },
    { path, header: [['a', 'b', 'c']], body },
    { path, header: [[1, 2]], body },
    { path, header: [['a', 'x'.repeat(2000)]], body },
    { path, header: Array.from({ length: 40 }, () => ['a', 'b']), body },
    { path: 7, header: [], body },
    { path: '/etc/passwd', header: [], body },
    { path: `${path}/../../x`, header: [], body },
    { path: 'http://elsewhere.example/assent.v1.NodeService/GetStatus', header: [], body },
    { path: '/assent.v1.AdminService/Admit', header: [], body },
    { path, header: [], body: new Uint8Array(100 * 1024 * 1024) },
    JSON.parse(`{"__proto__": {"path": "${path}"}}`) as unknown,
  ])
    await expect(tunnel.open(sender, 1, request)).rejects.toThrow(/./);
  for (const id of [undefined, '1', 1.5, Number.NaN, {}])
    await expect(tunnel.open(sender, id, { path, header: [], body })).rejects.toThrow('A call has a number.');
  expect(tunnel.size()).toBe(0);
});

test('the app’s own window decides on nothing; the window of a decision does nothing else, and only as whom it was opened for', async () => {
  const asked: [string, string[]][] = [];
  const node: CallNode = ({ path, header }) => {
    asked.push([path, header.flatMap(([name, value]) => (name === 'assent-session' ? [value] : []))]);
    return { reply: Promise.resolve({ status: 200, header: [], body: (async function* () {})() }), cancel: () => {} };
  };
  const call = (tunnel: ReturnType<typeof createTunnel>, method: string, id: number) =>
    tunnel
      .open({ id: 1 }, id, {
        path: `/assent.v1.${method}`,
        header: [
          ['Assent-Session', 'another'],
          ['assent-session', 'a third'],
        ],
        body: new Uint8Array(),
      })
      .then(
        ({ status }) => status,
        (error: Error) => error.message,
      );
  const [own, deciding] = [createTunnel(exceptDeciding(node)), createTunnel(decidingAs('ann', node))];
  expect(await call(own, 'NodeService/GetRound', 1)).toBe(200);
  expect(await call(own, 'NodeService/DecideRound', 2)).toBe('Rounds are decided on in a window of their own.');
  expect(await call(deciding, 'NodeService/DecideRound', 1)).toBe(200);
  for (const [id, method] of ['SignIn', 'RevokeRound', 'SignPolicy', 'ExportAuditLog', 'decideRound'].entries())
    expect(await call(deciding, `NodeService/${method}`, id + 10)).toBe('This window only decides.');
  expect(await call(deciding, 'ShellService/ConnectTo', 20)).toBe('This window only decides.');
  expect(asked).toEqual([
    ['/assent.v1.NodeService/GetRound', ['another', 'a third']],
    ['/assent.v1.NodeService/DecideRound', ['ann']],
  ]);
  expect(own.size() + deciding.size()).toBe(0);
});

test('the shell answers its own calls in the page’s language of calls, refusals too', async () => {
  const { shell } = await window();
  expect((await shell.getShell({})).openAtLogin).toBe(false);
  await shell.setOpenAtLogin({ open: true });
  expect((await shell.getShell({})).openAtLogin).toBe(true);
  const refused = shell.connectTo({ url: 'http://node', certificate: 'a'.repeat(64) });
  await expect(refused).rejects.toMatchObject({ rawMessage: 'The address of a node is https://HOST:PORT.' });
  await expect(shell.useThisMachine({})).rejects.toMatchObject({ rawMessage: 'There is no such call.' });
});
