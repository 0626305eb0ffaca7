import { expect, test } from 'vitest';
import { terminal } from '../../support/terminal.ts';

/** Everything as Ada, who made the accounts and brings the data. */
async function steward() {
  const { run, file, setUp } = terminal();
  expect(await setUp()).toMatchObject({ code: 0 });
  return {
    run: (argv: string[], ...more: [((line: string) => void)?, AbortSignal?]) => run(['--as', 'ada', ...argv], ...more),
    file,
  };
}

test('a person looks at a file, says what cannot be told, and imports it with progress', async () => {
  const { run, file } = await steward();
  const path = file('patients.csv', 'weight;born;sex\n70,5;03/04/1960;Male\n80,25;05/06/1961;Female\n');
  const look = await run(['inspect', path]);
  expect(look.code).toBe(0);
  for (const line of [
    /--delimiter +;/,
    /--decimal +,/,
    /--date-format +cannot be told: say it/,
    /weight +number +0 +70,5 {2}80,25/,
    /sex +category +0 +Male {2}Female/,
    /All 2 rows/,
  ])
    expect(look.out).toMatch(line);
  const doubtful = await run(['import', path, '--name', 'Patients']);
  expect(doubtful.code).not.toBe(0);
  expect(doubtful.err).toContain('say which with --date-format dmy or mdy');
  expect((await run(['inspect', path, '--date-format', 'dmy'])).out).toMatch(/born +number \(days-since-1970-01-01\)/);
  const done = await run(['import', path, '--name', 'Patients', '--date-format', 'dmy']);
  expect(done.out).toMatch(/^Imported 2 rows of 3 columns as data set ds-[0-9a-f]{16}\n$/);
  expect(done.err).toMatch(/storing: 100 %, \d rows\n/);
  const again = ['import', path, '--name', 'Once more', '--date-format', 'dmy'];
  expect((await run(again)).err).toContain('patients.csv is already here: data set ds-');
  expect((await run([...again, '--again'])).code).toBe(0);
  expect((await run(['inspect', path, '--delimiter', 'x'])).err).toContain('How the file is written: delimiter');
});

test('an import that is interrupted leaves nothing', async () => {
  const { run, file } = await steward();
  const path = file('many.csv', `n\n${Array.from({ length: 200_000 }, (_, row) => row).join('\n')}\n`);
  const stop = new AbortController();
  const stopped = await run(
    ['import', path, '--name', 'Many'],
    (err) => err.startsWith('storing') && stop.abort(),
    stop.signal,
  );
  expect(stopped.code).not.toBe(0);
  expect((await run(['datasets'])).out).not.toContain('many.csv');
  expect((await run(['import', path, '--name', 'Many'])).code).toBe(0);
});
