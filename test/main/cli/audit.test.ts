import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verifyCommand } from '../../../platform/assent-verify.ts';
import { stewardTerminal } from '../../support/terminal.ts';

/** A store with accounts and one import; each command signs in and out for itself. */
async function terminal() {
  const { run, file, path, folder } = await stewardTerminal();
  expect((await run(['import', file('rows.csv', 'x\n1\n'), '--name', 'Ward 3'])).code).toBe(0);
  return { run, path, folder };
}

test('audit export writes every format, and says how much of which log', { timeout: 120_000 }, async () => {
  const { run, path } = await terminal();
  const views = ['csv', 'syslog', 'fhir-bundle', 'fhir-ndjson', 'pdf'];
  for (const [at, format] of views.entries()) {
    const { code, out, err } = await run(['audit', 'export', '--format', format, '--out', path(format)]);
    expect(code, err).toBe(0);
    // Set-up and import left 7 records; each export comes with a sign-in before it and a sign-out after.
    const size = 9 + 3 * at;
    expect(out).toMatch(
      new RegExp(`^Wrote ${size} records to ${path(format)}\nLog of ${size} records, root [0-9a-f]{64}\n$`),
    );
    expect(readFileSync(path(format)).length).toBeGreaterThan(500);
  }
  for (const [format, name] of [
    ['folder', 'folder'],
    ['evidence', 'evidence.zip'],
  ] as const) {
    const { code, err } = await run(['audit', 'export', '--format', format, '--out', path(name)]);
    expect(code, err).toBe(0);
    expect(await verifyCommand([path(name)])).toMatchObject({ code: 0 });
  }
});

test('its filters and --names reach the export; the sentences are in the language asked for', async () => {
  const { run, path } = await terminal();
  const ask = (name: string, ...more: string[]) =>
    run(['audit', 'export', '--format', 'csv', '--out', path(name), '--kind', 'dataset,log.created', ...more]);
  const named = await ask('named', '--names', '--from', '2020-01-01', '--locale', 'zh');
  expect(named.out).toMatch(/^Wrote 2 records/);
  expect(readFileSync(path('named'), 'utf8')).toMatch(/从“rows\.csv”导入了数据集 ds-\w+“Ward 3”/);
  await ask('nameless');
  expect(readFileSync(path('nameless'), 'utf8')).not.toMatch(/Ward 3|rows\.csv/);
  expect((await ask('none', '--to', '2020-01-01')).out).toMatch(/^Wrote 0 records/);
  expect((await ask('other', '--study', 'heart', '--person', 'p-0123456789abcdef')).out).toMatch(/^Wrote 0 records/);
});

test('what cannot be asked is refused before anything is written or recorded', async () => {
  const { run, path, folder } = await terminal();
  const out = ['--out', path('out')];
  const tries: [string[], number, RegExp][] = [
    [['--format', 'xls', ...out], 2, /--format is one of folder\|.*not xls/],
    [['--format', 'toString', ...out], 2, /--format is one of/],
    [['--format', 'csv'], 2, /--out is needed/],
    [['--format', 'csv', '--from', '2026-02-30', ...out], 1, /2026-02-30 is no time/],
    [['--format', 'csv', '--kind', 'sky', ...out], 1, /no kind of audit record named sky/],
    [['--names', ...out], 1, /takes no filter and no names/],
    [['--study', 'heart', ...out], 1, /takes no filter and no names/],
    [['--format', 'csv', '--out', path('passphrase')], 1, /is there already[\s\S]*\[FILE_EXISTS\]/],
    [['--format', 'csv', '--out', path('no/such/folder')], 1, /cannot be written[\s\S]*\[FILE_UNWRITABLE\]/],
  ];
  for (const [argv, code, why] of tries) {
    const said = await run(['audit', 'export', ...argv]);
    expect(said.code, argv.join(' ')).toBe(code);
    expect(said.err).toMatch(why);
  }
  expect(readdirSync(folder).sort()).toEqual(['home', 'new-password', 'passphrase', 'password', 'rows.csv']);
  const exports = ['--format', 'csv', '--kind', 'log.exported'];
  // Its own record is the only one.
  expect((await run(['audit', 'export', ...exports, ...out])).out).toMatch(/^Wrote 1 records/);
});
