// npm run bench -- ui: how long a person waits for the window. A real Chromium in front of a real node, coordinator and TensorFlow:
// from the click on Approve to the decision on record; lists of 10,000 rounds and 100,000 records opened, scrolled to their
// ends and filtered; and how long the node's main thread is held up while it trains.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import type { Browser, Page } from 'playwright-core';
import { randomBytes } from '../platform/crypto.ts';
import { passwordKey } from '../platform/keyring.ts';
import { FIRST_RULES } from '../shared/records/account.ts';
import type { Study } from '../shared/study/study.ts';
import { HEART_DISEASE, studyOf } from '../scripts/demo/examples.ts';
import { launchBrowser, newWindow } from '../test/desktop/support/browser.ts';
import { button, signIn, TEXTS } from '../test/desktop/support/tour.ts';
import { startJoined, until } from '../test/desktop/support/world.ts';
import { PASSWORD } from '../test/support/people.ts';
import { print } from './figures.ts';

const DECISIONS = 12;
const ROUNDS = 10_000;
const RECORDS = 100_000;
const BATCH = 5_000;
const TRAINING_MS = 8_000;
const STUDY = studyOf(HEART_DISEASE);
const RULES = { ...FIRST_RULES, approvals: 1, floor: { rows: 1, perClass: 1 } };
const t = TEXTS.en;

type Joined = Awaited<ReturnType<typeof startJoined>>;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const go = (page: Page, address: string) => page.evaluate(`location.hash = ${JSON.stringify(address)}`);
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 });

/** In the page: how long something took, and the longest time in which it drew nothing meanwhile. */
const TIMING = `
  window.framesFrom = () => {
    const begun = performance.now();
    let [last, longest, on] = [begun, 0, true];
    const frame = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return () => { on = false; return { ms: performance.now() - begun, longest } };
  };
  window.once = (holds) => new Promise((resolve, reject) => {
    const begun = performance.now();
    const look = () => holds() ? resolve() : performance.now() - begun > 20_000 ? reject(new Error('never: ' + holds)) : requestAnimationFrame(look);
    look();
  });
  // Whether the rows where the list is now are drawn to its lower edge.
  window.drawn = (region) => {
    const rows = [...region.querySelectorAll('tbody tr[aria-rowindex]')];
    const edge = region.getBoundingClientRect().bottom;
    return rows.some((row) => row.getBoundingClientRect().bottom >= edge - 2) || region.scrollTop + region.clientHeight >= region.scrollHeight - 2;
  };
  // From its top to its end, a screen at a time; and the longest wait for rows to be there.
  window.scrollThrough = async (region) => {
    const stop = window.framesFrom();
    let [wait, still, screens] = [0, 0, 0];
    while (still < 20) {
      const [begun, before] = [performance.now(), region.scrollTop];
      region.scrollTop += region.clientHeight;
      await new Promise(requestAnimationFrame);
      await window.once(() => window.drawn(region));
      if (region.scrollTop > before + 1) {
        wait = Math.max(wait, performance.now() - begun);
        still = 0;
        screens++;
      } else {
        still++;
      }
    }
    return { ...stop(), wait, screens };
  };
  0`;
type Frames = { ms: number; longest: number };
type Scrolled = Frames & { wait: number; screens: number };

async function person(browser: Browser, here: Joined, login: string): Promise<Page> {
  const { page } = await newWindow(browser);
  await page.goto(here.world.server.invite());
  await signIn({ page, t }, login, PASSWORD);
  await heading(page, t.rounds.title).waitFor();
  await page.evaluate(TIMING);
  return page;
}

const stageOf = async ({ calls }: Joined, round: number) =>
  (await calls.listRounds({})).rounds.find(({ name }) => name!.round === round)?.stage;

/** A browser and an installation, for as long as the work takes. */
async function within(
  options: Partial<Parameters<typeof startJoined>[1]>,
  work: (here: Joined, browser: Browser) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const here = await startJoined(folder, { rules: RULES, ...options });
  const browser = await launchBrowser();
  try {
    await work(here, browser);
  } finally {
    await browser.close();
    await here.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the click to the words that it is on record, and of hashing a password alone, by turns. */
async function decisions(here: Joined, browser: Browser): Promise<{ clicks: number[]; hashes: number[] }> {
  const page = await person(browser, here, 'ann');
  const [clicks, hashes]: [number[], number[]] = [[], []];
  for (let round = 1; round <= DECISIONS; round++) {
    await until(here.node, async () => (await stageOf(here, round)) === 'awaiting');
    await go(page, `/rounds/${STUDY.id}/${round}/1`);
    await heading(page, t.round.titled(String(round), STUDY.rounds)).waitFor();
    await button(page, t.round.approvals.open).click();
    await page.getByLabel(t.round.decide.reason).fill('Agrees with the protocol');
    await page.getByLabel(t.common.yourPassword).fill(PASSWORD);
    await page.evaluate(`
      window.took = new Promise((resolve) => addEventListener('click', ({ timeStamp }) => {
        new MutationObserver((_all, observer) => {
          if (!document.querySelector('aside [role=status]')) return;
          observer.disconnect();
          resolve(performance.now() - timeStamp);
        }).observe(document.body, { subtree: true, childList: true });
      }, { capture: true, once: true })); 0`);
    await button(page, t.round.decide.approve).click();
    clicks.push(await page.evaluate<number>('window.took'));
    hashes.push(await hashing());
  }
  await page.context().close();
  return { clicks, hashes };
}

async function hashing(): Promise<number> {
  const begun = performance.now();
  await passwordKey(PASSWORD, randomBytes(16));
  return performance.now() - begun;
}

/** What, how long until it was there, and the longest time without a new frame. */
type Waits = [what: string, wait: number, frame: number][];

/** Chooses or types, in the page: the clock begins with it, so that the time is the window's alone. */
const set = (page: Page, label: string, value: string) => () =>
  page.getByLabel(label, { exact: true }).evaluate(
    // oxlint-disable-next-line typescript/no-implied-eval -- runs in the page, which this program has no types of
    new Function(
      'field',
      'value',
      `window.stop = window.framesFrom(); field.value = value;
       for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));`,
    ) as (field: unknown, value: string) => void,
    value,
  );

/** What a list takes: from the click that opens it to its first rows, for each filter to its first rows, and to its end. */
async function list(
  page: Page,
  open: () => Promise<unknown>,
  label: string,
  filters: Record<string, () => Promise<unknown>>,
): Promise<Waits> {
  const region = `document.querySelector('[role=region][aria-label=${JSON.stringify(label)}]')`;
  const status = `(document.querySelector('main span[role=status]')?.innerText ?? '')`;
  const note = () => page.evaluate(`window.before = ${status}; window.rows = ${region}; 0`);
  const end = (holds: string) => page.evaluate<Frames>(`window.once(() => ${holds}).then(() => window.stop())`);
  const waits: Waits = [];
  await open();
  const { ms, longest } = await end(`${region}?.querySelector('tbody tr[aria-rowindex]')`);
  waits.push(['opened', ms, longest]);
  for (const [name, change] of Object.entries(filters)) {
    await note();
    await change();
    // Its rows, or how far it has looked.
    const found = await end(
      `(${region} !== null && ${region} !== window.rows) || ![window.before, ${JSON.stringify(t.audit.looking)}].includes(${status})`,
    );
    waits.push([name, found.ms, found.longest]);
  }
  const all = await page.evaluate<Scrolled>(`window.scrollThrough(${region})`);
  waits.push([`scrolled through ${all.screens} screens`, all.wait, all.longest]);
  return waits;
}

/** The rounds of ten years, made of one that was real. */
function manyRounds({ node }: Joined): void {
  const store = new Database(join(node.store.home, 'assent.db'));
  const columns = store
    .prepare<[], { name: string }>("select name from pragma_table_info('round')")
    .all()
    .map(({ name }) => name);
  const values = columns.map((name) => (name === 'round' ? 'n.value' : `one.${name}`));
  const made = store
    .prepare(
      `with recursive n (value) as (select 1001 union all select value + 1 from n where value < ?)
       insert into round (${columns.join(', ')}) select ${values.join(', ')} from n, round as one
       where one.round = 1 and one.stage = 'sent' order by n.value`,
    )
    .run(1000 + ROUNDS);
  store.close();
  if (made.changes !== ROUNDS) throw new Error(`${made.changes} rounds were made, not ${ROUNDS}.`);
}

function manyRecords({ node }: Joined): void {
  const { journal } = node.store;
  const people = journal.read.all<{ id: string }>('select id from person');
  for (let written = 0; written < RECORDS; written += BATCH)
    journal.transact('session.open', (tx) => {
      for (let i = 0; i < BATCH; i++) {
        const { id } = people[i % people.length]!;
        tx.append({ kind: 'session.opened', detail: { person: id, roles: ['approver'] } });
      }
    });
}

async function lists(here: Joined, browser: Browser): Promise<Waits> {
  manyRecords(here);
  manyRounds(here);
  const page = await person(browser, here, 'otto');
  // Clicked in the page: the time is the window's, without that of the program that drives it.
  const ann = here.node.store.journal.read.get<{ id: string }>("select id from person where login = 'ann'")!.id;
  const section = (name: string) =>
    page.evaluate(
      `window.stop?.(); window.stop = window.framesFrom(); document.querySelector('nav a[href="#/${name}"]').click()`,
    );
  await section('settings');
  await heading(page, t.settings.title).waitFor();
  const search = (text: string) => set(page, t.audit.search, text);
  const rounds = await list(page, () => section('rounds'), t.rounds.closed, {});
  const records = await list(page, () => section('audit'), t.audit.title, {
    'filtered by kind': set(page, t.audit.kind, 'decisions'),
    'filtered by person': set(page, t.audit.person, ann),
    'all again': set(page, t.audit.kind, ''),
    'searched for a word of every entry': search('signed in'),
    'searched for a word of few entries': search('protocol'),
    'no search': search(''),
  });
  await page.context().close();
  const named = (what: string, waits: Waits): Waits => waits.map(([name, ...ms]) => [`${what}: ${name}`, ...ms]);
  return [...named('10,000 rounds', rounds), ...named('100,000 records', records)];
}

/** Milliseconds for which timers of the node's main thread came late, while it trains and a window follows. */
async function training(
  here: Joined,
  browser: Browser,
): Promise<{ p50: number; p99: number; max: number; passes: number }> {
  const page = await person(browser, here, 'ann');
  await until(here.node, async () => (await stageOf(here, 1)) === 'awaiting');
  await go(page, `/rounds/${STUDY.id}/1/1`);
  await button(page, t.round.approvals.open).click();
  await page.getByLabel(t.round.decide.reason).fill('Agrees with the protocol');
  await page.getByLabel(t.common.yourPassword).fill(PASSWORD);
  await button(page, t.round.decide.approve).click();
  await page.getByRole('heading', { name: t.round.training.curve }).waitFor();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  await until(
    here.node,
    async () => (await stageOf(here, 1)) !== 'training' || performance.now() - begun > TRAINING_MS,
  );
  delay.disable();
  if (performance.now() - begun < TRAINING_MS) throw new Error('The training ended too early to measure.');
  const { progress } = await here.calls.getStatus({});
  await page.context().close();
  const ms = (nanoseconds: number) => nanoseconds / 1e6;
  return {
    p50: ms(delay.percentile(50)),
    p99: ms(delay.percentile(99)),
    max: ms(delay.max),
    passes: progress?.epoch ?? 0,
  };
}

const held = (value: number, limit: number) =>
  value < limit ? `holds (< ${limit})` : `FALLS SHORT (wanted < ${limit})`;

await within({ people: ['ada', 'sam', 'ann', 'bob', 'otto'] }, async (here, browser) => {
  const { clicks, hashes } = await decisions(here, browser);
  const besides = median(clicks.map((click, i) => click - hashes[i]!));
  console.log(`\nFrom the click on Approve to the decision on record, median of ${DECISIONS}, in ms`);
  print(
    ['', 'ms', ''],
    [
      ['click to record', median(clicks), ''],
      ['password hashing alone', median(hashes), ''],
      ['besides hashing', besides, held(besides, 150)],
    ],
  );
  const waits = await lists(here, browser);
  console.log('Lists: until it is there, and the longest time without a new frame, in ms');
  print(
    ['', 'wait', 'frame', ''],
    waits.map(([name, wait, frame]) => [name, wait, frame, held(Math.max(wait, frame), 100)]),
  );
});
const long: Study = { ...STUDY, algorithm: { name: 'fedavg', learningRate: 0.001, epochs: 1000, batchSize: 1 } };
await within({ study: long, openProblem: 'own' }, async (here, browser) => {
  const { p50, p99, max, passes } = await training(here, browser);
  console.log(
    `Lateness of the node’s main thread while it trains (${TRAINING_MS / 1000} s, pass ${passes} of 1,000), in ms`,
  );
  print(
    ['', 'ms', ''],
    [
      ['median', p50, ''],
      ['99 of 100', p99, held(p99, 50)],
      ['worst', max, held(max, 50)],
    ],
  );
});
process.exit(0);
