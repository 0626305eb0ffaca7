import { expect, test } from 'vitest';
import { stewardTerminal } from '../../support/terminal.ts';

test('a person looks at a file, says what cannot be told, and imports it with progress', async () => {
  const { run, file } = await stewardTerminal();
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
  const { run, file } = await stewardTerminal();
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

test('a column of mixed values can be named as what identifies rows, or be read as text', async () => {
  const { run, file } = await stewardTerminal();
  const path = file('cases.csv', 'case,code,n\n1001,250,1\n1002,401,2\n1002A,V58,3\n');
  const look = await run(['inspect', path]);
  expect(look.code).toBe(0);
  expect(look.out).toMatch(/^case +refused +0 +1001 {2}1002 {2}1002A$/m);
  expect(look.out).toMatch(/^An import would end here: cases\.csv, line 4, column 2 "code": "V58" is not a number/m);
  const [bring, named] = [
    ['import', path, '--name', 'Cases'],
    ['--id-column', 'case', '--text-column', 'code'],
  ];
  const refused = await run(bring);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('--id-column "case" where the column identifies rows');
  expect((await run([...bring, ...named])).out).toMatch(/^Imported 3 rows of 3 columns as data set /);
  expect(
    (await run([...bring.with(3, 'Other'), '--again', '--text-column', 'case', '--text-column', 'n'])).err,
  ).toContain('"V58"');
});
