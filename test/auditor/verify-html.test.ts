// verify.html as it lies in every package, in a real Chromium: sound and tampered evidence, and no way out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fingerprint } from '../../shared/records/fingerprint.ts';
import { encodeVkey } from '../../shared/transparency/verifier-key.ts';
import { findBrowser, startBrowser } from '../support/browser.ts';
import { exportedZip, unzipped, writtenLog, zipped } from '../support/evidence.ts';
import { primitives } from '../support/exported-log.ts';
import { actor, ada, ann, bob, keyOf, OWN_KEYS, OWN_LOG_KEY } from '../support/node-log.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { checkedBy, openVerifyPage } from '../support/verify-page.ts';

const browserPath = findBrowser();

/** Evidence with a name that would turn a line around and one that would be markup. */
async function evidence(more: Parameters<typeof exportedZip>[1] = {}) {
  const written = writtenLog();
  const eve = actor('<img src=x onerror=alert(1)> \u202eevE', 'approver');
  written.log.founded();
  written.log.account('add', eve, [ada]);
  written.log.round(keyOf(1), ann, eve);
  const policy = written.log.policy('small', [ann, bob]);
  written.log.automaticRound(keyOf(2), policy);
  return { eve, ...(await exportedZip(written, { names: true, ...more })) };
}

async function page(skip: (why: string) => void) {
  if (!browserPath) skip('needs Chromium');
  const browser = startBrowser(browserPath!);
  onTestFinished(() => browser.close());
  return openVerifyPage(browser);
}

test('sound evidence is found sound, with its rounds and whose keys are unconfirmed', async ({ skip }) => {
  const { file, eve } = await evidence();
  const opened = await page(skip);
  const said = await checkedBy(opened, [file]);
  expect(said).toMatchObject({ verdict: 'ok', heading: 'Sound · 核验通过' });
  expect(said.rounds).toEqual([
    `ok        round 1 of small: sent, 992 bytes; approved by ${ann.name} (${ann.id}) with key ${ann.key.slice(0, 16)} and <img src=x onerror=alert(1)> \\u{202e}evE (${eve.id}) with key ${eve.key.slice(0, 16)}`,
    expect.stringContaining('round 2 of small: sent, 992 bytes; approved by the policy') as string,
  ]);
  expect(said.report).toContain(`Key of log, ${OWN_KEYS.log.slice(0, 16)}: UNCONFIRMED`);
  expect(await opened.evaluate('document.querySelectorAll("img").length')).toBe(0);
});

test('a typed fingerprint or policy confirms the keys, and a wrong one refuses them', async ({ skip }) => {
  const { file } = await evidence();
  const opened = await page(skip);
  const type = (id: string, text: string) =>
    opened.evaluate(`document.getElementById(${JSON.stringify(id)}).value = ${JSON.stringify(text)}`);
  const own = fingerprint(primitives, OWN_KEYS);
  await type('fingerprint', own);
  expect((await checkedBy(opened, [file])).report).toContain('confirmed by the fingerprint that you typed');
  await type(
    'fingerprint',
    own.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10)),
  );
  expect(await checkedBy(opened, [file])).toMatchObject({ verdict: 'failed' });
  await type('fingerprint', '');
  await type('policy', `log ${encodeVkey(OWN_LOG_KEY)}\nquorum none`);
  expect((await checkedBy(opened, [file])).report).toContain('confirmed by your policy');
});

test('tampered evidence is refused with the record or file, in a zip or unpacked', async ({ skip }) => {
  const { zip } = await evidence();
  const files = await unzipped(zip);
  files.get('entries.jsonl')![500]! ^= 1;
  const folder = temporaryFolder();
  const changed = join(folder, 'changed.zip');
  writeFileSync(changed, zipped(files));
  const opened = await page(skip);
  expect(await checkedBy(opened, [changed])).toMatchObject({
    verdict: 'failed',
    heading: 'FAILED · 核验不通过',
    report: expect.stringMatching(/^FAILED: record 1 does not match its leaf hash/) as string,
  });
  const broken = join(folder, 'broken.zip');
  writeFileSync(broken, zip.subarray(0, zip.length - 1));
  expect((await checkedBy(opened, [broken])).report).toMatch(/^FAILED: zip /);
  // The same files, unpacked.
  const unpacked = join(folder, 'unpacked');
  for (const [path, bytes] of files) {
    mkdirSync(join(unpacked, path, '..'), { recursive: true });
    writeFileSync(join(unpacked, path), bytes);
  }
  expect((await checkedBy(opened, [unpacked], '#folder')).report).toMatch(/^FAILED: record 1 /);
});

test('filtered evidence is not called sound as a whole', async ({ skip }) => {
  const { file } = await evidence({ filter: { kinds: ['update.sent'] } });
  const said = await checkedBy(await page(skip), [file]);
  expect(said.verdict).toBe('not-shown');
  expect(said.report).toMatch(/^NOT SHOWN IN FULL: /);
});

test('the page asks for nothing, and its own policy would stop it', async ({ skip }) => {
  const { file } = await evidence();
  const opened = await page(skip);
  await checkedBy(opened, [file]);
  expect(opened.requests.filter((url) => !/^(file|blob):/.test(url))).toEqual([]);
  const blocked = await opened.evaluate<string>(`new Promise((done) => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) => done(effectiveDirective));
    fetch('https://example.invalid/').catch(() => {});
  })`);
  expect(blocked).toBe('connect-src');
});
