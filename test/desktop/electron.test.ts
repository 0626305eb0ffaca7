// The desktop app in a real Electron: its window, preload, calls and policy, against a node that serves people over HTTPS.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDoor } from '../../main/door.ts';
import { openNode, type AssentNode } from '../../main/node.ts';
import { certificateHash } from '../../platform/crypto.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { HEART_DISEASE, studyOf } from '../../scripts/demo/examples.ts';
import { makeAuthority } from '../support/certificates.ts';
import { PASSPHRASE } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { EASY_RULES, makePeople, PASSWORD } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startShell, type Shell, type ShellPage } from './support/cdp.ts';
import { buildFoundShell, shellName } from './support/shell.ts';
import { TEXTS } from './support/tour.ts';
import { startJoined, until } from './support/world.ts';

const t = TEXTS.en;

/** A desktop app that is connected to this node as to one in the data centre. */
async function shellFor(node: AssentNode, folder: string) {
  const { binary, main } = await buildFoundShell();
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
  });
  return shell;
}

async function connectedShell() {
  const folder = temporaryFolder();
  const node = await openNode({ home: join(folder, 'node'), passphrase: PASSPHRASE, openProblem: leastSquares });
  onTestFinished(() => node.close());
  await makePeople(node, EASY_RULES, ['ada', 'sam']);
  const kinds = () =>
    node.store.journal.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);
  return { shell: await shellFor(node, folder), kinds };
}

const headed = (text: string) => `document.querySelector('h1')?.innerText === ${JSON.stringify(text)}`;
const named = (name: string) =>
  `[...document.querySelectorAll('button')].find((each) => each.innerText === ${JSON.stringify(name)})`;

async function signIn(shell: Shell, login: string): Promise<void> {
  await shell.until(headed(t.start.signIn.title));
  await shell.click('input[autocomplete=username]');
  await shell.type(login);
  await shell.click('input[type=password]');
  await shell.type(PASSWORD);
  await shell.click('button[type=submit]');
  await shell.until(headed(t.rounds.title));
}

test(`in ${shellName()} a trusted click on “Sign in” ends in the store, and the page can do nothing but call the node`, async () => {
  const { shell, kinds } = await connectedShell();
  await shell.until(headed(t.start.signIn.title));
  expect(kinds()).not.toContain('session.opened');
  await shell.run(`addEventListener('click', (event) => (window.wasTrusted = event.isTrusted), true)`);
  await signIn(shell, 'sam');
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

test(`in ${shellName()} a round is approved by a trusted click in a window of its own, and in no other`, async () => {
  const folder = temporaryFolder();
  const here = await startJoined(folder, { rules: { ...FIRST_RULES, floor: { rows: 1, perClass: 1 } } });
  onTestFinished(() => here.end());
  const { node, calls } = here;
  const stage = async () => (await calls.listRounds({})).rounds[0]?.stage;
  await until(node, async () => (await stage()) === 'awaiting');
  const shell = await shellFor(node, folder);
  await signIn(shell, 'ann');
  await shell.click('article a');
  await shell.until(`${named(t.round.approvals.open)} !== undefined`);

  // The app's own window decides on nothing, whatever its page asks for.
  const call = (page: ShellPage, path: string) =>
    page.run<{ ok: boolean; message: string; value?: { status: number } }>(
      `window.assent.open(900001, { path: '/assent.v1.${path}', header: [['content-type', 'application/json']], body: new Uint8Array([123, 125]) })`,
    );
  expect(await call(shell, 'NodeService/DecideRound')).toMatchObject({
    ok: false,
    message: 'Rounds are decided on in a window of their own.',
  });
  // Without a session nothing opens.
  expect((await call(shell, 'ShellService/OpenDecision')).value!.status).toBe(400);
  expect(await shell.pages()).toHaveLength(1);

  await shell.run(`${named(t.round.approvals.open)}.setAttribute('data-test', 'review')`);
  await shell.click('[data-test=review]');
  const decision = await shell.window('app://decision/');
  await decision.until(`${named(t.round.decide.approve)} !== undefined`);
  expect(await decision.run('Object.keys(window.assent).sort().join()')).toBe('cancel,open,pathOf,pull');
  expect(await decision.run('[typeof require, typeof process, localStorage.getItem("assent-session")]')).toEqual([
    'undefined',
    'undefined',
    null,
  ]);
  for (const path of [
    'NodeService/RevokeRound',
    'NodeService/SignOut',
    'ShellService/ConnectTo',
    'WindowService/GetStore',
  ])
    expect([path, await call(decision, path)]).toMatchObject([
      path,
      { ok: false, message: 'This window only decides.' },
    ]);
  expect(await decision.run(`fetch('app://assent/index.html').then(() => 'reached', () => 'refused')`)).toBe('refused');
  const { approveStatement, coordinatorReads } = await calls
    .as('ann')
    .getRound({ name: { study: studyOf(HEART_DISEASE).id, round: 1, attempt: 1 }, locale: 1 });
  const text = await decision.run<string>('document.body.innerText');
  for (const words of [approveStatement, coordinatorReads, 'Ann Approver']) expect(text).toContain(words);

  expect(await decision.run('document.activeElement.tagName')).toBe('H2');
  expect(node.store.journal.read.all('select 1 from approval')).toEqual([]);
  await decision.run(`addEventListener('click', (event) => (window.wasTrusted = event.isTrusted), true)`);
  await decision.click('textarea');
  await decision.type('Agrees with protocol 2.1');
  await decision.click('input[type=password]');
  await decision.type(PASSWORD);
  await decision.run(`${named(t.round.decide.approve)}.setAttribute('data-test', 'approve')`);
  await decision.click('[data-test=approve]');
  await decision.until(
    `document.querySelector('[role=status]')?.innerText.includes(${JSON.stringify(t.round.approvals.recorded('1', '2'))})`,
  );
  expect(await decision.run('window.wasTrusted')).toBe(true);
  const rows = node.store.journal.read.all<{ decision: string; purpose: string; round: number }>(
    'select decision, purpose, round from approval',
  );
  expect(rows).toEqual([{ decision: 'approve', purpose: 'train', round: 1 }]);
  const records = node.store.journal.read.all<{ kind: string }>(
    "select kind from record where kind = 'approval.granted'",
  );
  expect(records).toHaveLength(1);
  // The app's own window shows it without being told, and the small one closes.
  await shell.until(`document.body.innerText.includes(${JSON.stringify(t.round.approvals.yours)})`);
  await decision.run(`void setTimeout(() => ${named(t.common.close)}.click())`);
  await until(node, async () => (await shell.pages()).length === 1);
}, 300_000);
