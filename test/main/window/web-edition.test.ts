// The web edition's door: what a stranger, a page of another site and a broken client get from a real server.
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { openNode } from '../../../main/node.ts';
import { serve } from '../../../main/serve.ts';
import { addressFile } from '../../../main/store/open.ts';
import { WORD_HEADER } from '../../../main/window/doors.ts';
import { readAddress } from '../../../platform/local-client.ts';
import { buildRenderer } from '../../../scripts/renderer.ts';
import { PASSPHRASE } from '../../support/institution.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { temporaryFolder } from '../../support/temporary.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

async function served() {
  await buildRenderer();
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE, openProblem: leastSquares });
  const server = await serve(node, 0);
  onTestFinished(async () => {
    await server.close();
    await node.close();
  });
  const { port } = new URL(server.url);
  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: string | Buffer = '',
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      // The path goes out as it is, dots and all.
      const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const enter = (token: string, headers: Record<string, string> = {}) =>
    ask('POST', '/enter', { 'content-type': 'application/json', ...headers }, JSON.stringify({ token }));
  const token = () => /#open=(\w+)$/.exec(server.invite())![1]!;
  const pass = async () => {
    const answer = await enter(token());
    const { word } = JSON.parse(answer.body) as { word: string };
    return { cookie: answer.headers['set-cookie']![0]!.split(';')[0]!, [WORD_HEADER]: word };
  };
  const status = (headers: Record<string, string>) =>
    ask('POST', '/assent.v1.NodeService/GetStatus', { 'content-type': 'application/json', ...headers }, '{}');
  return { node, server, port, ask, enter, token, pass, status };
}

test('an address lets one browser in, once: a copied token opens nothing', async () => {
  const { enter, token, status } = await served();
  const one = token();
  const first = await enter(one);
  expect(first.status).toBe(200);
  const cookie = first.headers['set-cookie']![0]!;
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
  const { word } = JSON.parse(first.body) as { word: string };
  const pass = { cookie: cookie.split(';')[0]!, [WORD_HEADER]: word };
  expect((await status(pass)).status).toBe(200);
  const second = await enter(one);
  expect(second).toMatchObject({ status: 401, body: expect.stringContaining('WINDOW_REFUSED') as string });
  expect(second.headers['set-cookie']).toBeUndefined();
  for (const guess of ['', '0'.repeat(64), 'f'.repeat(512), '__proto__'])
    expect([guess.length, (await enter(guess)).status]).toEqual([guess.length, 401]);
});

test('a second window of the same browser goes on with its pass', async () => {
  const { enter, token, pass } = await served();
  const first = await pass();
  const again = await enter(token(), { cookie: first.cookie });
  expect(JSON.parse(again.body)).toEqual({ word: first[WORD_HEADER] });
});

test('neither the cookie alone nor the word alone is a pass', async () => {
  const { pass, status, node } = await served();
  const whole = await pass();
  expect((await status(whole)).status).toBe(200);
  for (const part of [
    {},
    { cookie: whole.cookie },
    { [WORD_HEADER]: whole[WORD_HEADER] },
    { cookie: whole.cookie, [WORD_HEADER]: '0'.repeat(64) },
    { cookie: `${whole.cookie}0`, [WORD_HEADER]: whole[WORD_HEADER] },
    { authorization: `Bearer ${whole[WORD_HEADER]}` },
  ])
    expect([part, (await status(part)).status]).toEqual([part, 401]);
  const { token } = readAddress(addressFile(node.store.home))!;
  expect((await status({ authorization: `Bearer ${token}` })).status).toBe(200);
});

test('pages of other sites and names that were made to point here are refused, with a pass and without', async () => {
  const { pass, status, ask, port } = await served();
  const mine = await pass();
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://localhost.evil.example:${port}` },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { host: 'evil.example' },
    { host: `rebound.example:${port}` },
    { host: '127.0.0.1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])
    expect([headers, (await status({ ...mine, ...headers })).status]).toEqual([headers, 403]);
  expect((await ask('GET', '/', { host: 'rebound.example' })).status).toBe(403);
  expect((await status({ ...mine, origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' })).status).toBe(
    200,
  );
});

test('only the built files have names: no path leads out of them', async () => {
  const { ask } = await served();
  expect((await ask('GET', '/')).body).toContain('<title>Assent</title>');
  for (const path of [
    '/../package.json',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/assets/../../package.json',
    '/assets\\..\\..\\package.json',
    '/assets/',
    '/assets',
    '/.built-from',
    '/index.html%00.js',
    '//etc/passwd',
    '/__proto__',
    '/constructor',
  ]) {
    const { status, body } = await ask('GET', path);
    expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    expect(body).not.toContain('root:');
  }
});

test('every answer carries the policy that runs nothing but the interface’s own files', async () => {
  const { ask, status } = await served();
  for (const answer of [await ask('GET', '/'), await ask('GET', '/nothing'), await status({})]) {
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(answer.headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|https?:/);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  }
  const { body } = await ask('GET', '/');
  expect(body).not.toMatch(/<script(?![^>]*src=)|style=|\son\w+=/);
});

test('an unknown method, an oversize body and an oversize token are refused', async () => {
  const { ask, pass, enter } = await served();
  const mine = { ...(await pass()), 'content-type': 'application/json' };
  expect((await ask('POST', '/assent.v1.NodeService/ReadEverything', mine, '{}')).status).toBe(404);
  expect((await ask('POST', '/assent.v1.AdminService/Admit', mine, '{}')).status).toBe(404);
  const large = Buffer.alloc(100 * 1024 * 1024, 0x20);
  const refused = await ask('POST', '/assent.v1.NodeService/GetStatus', mine, large).then(
    ({ status }) => status,
    () => 'cut off',
  );
  expect([413, 429, 'cut off']).toContain(refused);
  expect((await enter('f'.repeat(2048))).status).toBe(413);
});

test('what is called __proto__ changes nothing', async () => {
  const { ask, pass } = await served();
  const mine = { ...(await pass()), 'content-type': 'application/json' };
  const body = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
  await ask('POST', '/assent.v1.NodeService/GetStatus', mine, body);
  await ask('POST', '/enter', { 'content-type': 'application/json' }, '{"__proto__": {"token": "x"}}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('slow loris: a request that never ends its headers is cut off, and others are answered meanwhile', async () => {
  const { port, ask } = await served();
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const closed = new Promise<string>((resolve) => {
    let said = '';
    socket.on('data', (part) => (said += String(part)));
    socket.on('error', () => resolve(said));
    socket.on('close', () => resolve(said));
  });
  socket.write(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-slow: `);
  expect((await ask('GET', '/')).status).toBe(200);
  expect(await closed).toMatch(/^(HTTP\/1\.1 408|$)/);
}, 90_000);
