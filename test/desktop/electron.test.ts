// The desktop app in a real Electron: its window, preload, calls and policy, against a node that serves people over HTTPS.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDoor } from '../../main/door.ts';
import { openNode } from '../../main/node.ts';
import { certificateHash } from '../../platform/crypto.ts';
import { makeAuthority } from '../support/certificates.ts';
import { PASSPHRASE } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { EASY_RULES, makePeople, PASSWORD } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startShell } from './support/cdp.ts';
import { buildFoundShell, shellName } from './support/shell.ts';
import { TEXTS } from './support/tour.ts';

const t = TEXTS.en;

/** A node in the data centre, and a desktop app that is connected to it. */
async function connectedShell() {
  const { binary, main } = await buildFoundShell();
  const folder = temporaryFolder();
  const node = await openNode({ home: join(folder, 'node'), passphrase: PASSPHRASE, openProblem: leastSquares });
  await makePeople(node, EASY_RULES, ['ada', 'sam']);
  const { cert, key } = makeAuthority('Nobody knows this one').issue('localhost');
  const door = await openDoor(node, { host: '127.0.0.1', port: 0, cert: Buffer.from(cert), key: Buffer.from(key) });
  const home = join(folder, 'desktop-home');
  mkdirSync(join(home, 'desktop'), { recursive: true });
  const remote = { url: `https://localhost:${new URL(door.url).port}`, certificate: certificateHash(cert) };
  writeFileSync(join(home, 'desktop/shell.json'), JSON.stringify({ remote }));
  const shell = await startShell(binary, [main, `--home=${home}`, '--lang=en'], 'app://assent/');
  onTestFinished(async () => {
    await shell.close();
    await door.close();
    await node.close();
  });
  const kinds = () =>
    node.store.journal.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);
  return { shell, kinds };
}

test(`in ${shellName()} a trusted click on “Sign in” ends in the store, and the page can do nothing but call the node`, async () => {
  const { shell, kinds } = await connectedShell();
  const heading = (text: string) => `document.querySelector('h1')?.innerText === ${JSON.stringify(text)}`;
  await shell.until(heading(t.start.signIn.title));
  expect(kinds()).not.toContain('session.opened');
  await shell.run(`addEventListener('click', (event) => (window.wasTrusted = event.isTrusted), true)`);
  await shell.click('input[autocomplete=username]');
  await shell.type('sam');
  await shell.click('input[type=password]');
  await shell.type(PASSWORD);
  await shell.click('button[type=submit]');
  await shell.until(heading(t.rounds.title));
  expect(await shell.run('window.wasTrusted')).toBe(true);
  expect(kinds().at(-1)).toBe('session.opened');

  // Nothing of Node or Electron is in the page; the bridge has these four functions.
  expect(
    await shell.run('[typeof require, typeof process, typeof module, Object.keys(window.assent).sort().join()]'),
  ).toEqual(['undefined', 'undefined', 'undefined', 'cancel,open,pathOf,pull']);

  // Calls that the node does not have, or that are no calls.
  const call = (request: string) =>
    shell.run<{ ok: boolean; value?: { status: number } }>(`window.assent.open(900001, ${request})`);
  const body = 'body: new Uint8Array()';
  for (const path of ['/etc/passwd', '/assent.v1.NodeService/../../x', '/assent.v1.AdminService/Admit', ''])
    expect([path, await call(`{ path: ${JSON.stringify(path)}, header: [], ${body} }`)]).toMatchObject([
      path,
      { ok: false },
    ]);
  const status = "path: '/assent.v1.NodeService/GetStatus'";
  const unknown = await call(`{ path: '/assent.v1.NodeService/ReadEverything', header: [], ${body} }`);
  expect(unknown.value!.status).toBe(404);
  for (const request of [
    `{ ${status}, header: [], body: new Uint8Array(100e6) }`,
    `{ ${status}, header: [['__proto__', 'x', 'y']], ${body} }`,
    `JSON.parse('{"__proto__": {"path": "/assent.v1.NodeService/GetStatus"}}')`,
    'undefined',
  ])
    expect([request, await call(request)]).toMatchObject([request, { ok: false }]);
  expect(await shell.run(`window.assent.open({ toString: '1' }, {}).then(({ ok }) => ok, () => false)`)).toBe(false);
  expect(await shell.run('({}).path === undefined')).toBe(true);

  // Files of the machine have no name in the app's own scheme.
  for (const path of [
    '/../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/',
    '/index.cjs',
  ])
    expect([
      path,
      await shell.run(`fetch(${JSON.stringify(path)}).then((answer) => answer.status, () => 'refused')`),
    ]).toEqual([path, 404]);

  // The policy runs no script but the app's files, and reaches nobody.
  expect(
    await shell.run(
      `(() => { const s = document.createElement('script'); try { s.textContent = 'window.ran = 1'; document.head.append(s) } catch {} return window.ran })()`,
    ),
  ).toBeUndefined();
  expect(await shell.run(`fetch('https://localhost:1/').then(() => 'reached', () => 'refused')`)).toBe('refused');
  expect(
    await shell.run(
      `new Promise((resolve) => { try { setTimeout('window.ran = 3') } catch {} setTimeout(() => resolve(window.ran), 50) })`,
    ),
  ).toBeUndefined();

  // It neither leaves nor opens anything.
  await shell.run(`void window.open('https://example.invalid/')`);
  await shell.run(`void (location.href = ${JSON.stringify(pathToFileURL('/etc/passwd').href)})`);
  await shell.run(`void (location.href = 'javascript:window.ran = 2')`);
  await shell.run(`void (location.href = 'https://example.invalid/')`);
  await shell.until('document.readyState === "complete"');
  expect(await shell.pages()).toHaveLength(1);
  expect((await shell.pages())[0]).toMatch(/^app:\/\/assent\/index\.html/);
  expect(await shell.run('window.ran')).toBeUndefined();
  expect(await shell.run('Notification.requestPermission()')).toBe('denied');
  expect(
    await shell.run(
      `new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('told'), () => resolve('refused')))`,
    ),
  ).toBe('refused');
}, 240_000);
