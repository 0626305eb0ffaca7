// Runs the walk-through of docs/data.md line by line: a messy file, mapped by a person with the command line.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { walkThrough, type Note } from './walk-through.ts';

const NOTES: Note[] = [
  ['COORDINATOR', /\d{5}(?: \d{5}){7}/, / invite clinic /],
  ['CLINIC', /\d{5}(?: \d{5}){7}/, /clinic" --as nina enrol /],
  ['JANUARY', /ds-[0-9a-f]{16}/, / import .*january/],
  ['FEBRUARY', /ds-[0-9a-f]{16}/, / import .*february/],
];

test('the walk-through of docs/data.md runs as it is written', { timeout: 300_000 }, async ({ skip }) => {
  if (process.platform === 'win32') skip('needs a POSIX shell');
  const { runs, env } = await walkThrough('docs/data.md', NOTES);
  const said = (part: string) => runs.find(({ line }) => line.includes(part))!.output;

  expect(said(' quality ')).toMatch(/^80 rows$/m);
  expect(said(' quality ')).toMatch(/^patient +text/m);

  const [suggested, written] = runs.filter(({ line }) => line.includes(' check ')).map(({ output }) => output);
  expect(suggested).toMatch(/^ {2}sex +<- gender +.*no category of the study: /m);
  for (const value of ['woman', 'man', 'HYPO']) expect(suggested).toContain(`"${value}"`);
  expect(suggested).toContain('"unit": "µg/dl"');
  expect(suggested).toMatch(
    /^Wrote .*draft\.json: say what "" stands for in \d+ local values\.\nLocal columns without use: patient/m,
  );
  expect(JSON.parse(readFileSync(`${env['TRY']}/draft.json`, 'utf8'))).toMatchObject({
    columns: { sex: { column: 'gender', values: { woman: '', man: '', F: 'female' } } },
  });
  expect(usable(suggested!)).toBeLessThan(60);
  expect(written).not.toMatch(/no category of the study|value-unmatched/);
  const missing = Number(/(\d+) cannot: diagnosis: target-missing/.exec(written!)?.[1] ?? 0);
  expect([usable(written!), missing > 0]).toEqual([80 - missing, true]);

  expect(said(' mapping save ')).toMatch(/^Saved as version 1: 7 columns/);
  expect(said(' mapping apply ')).toMatch(/^Version 1$/m);
  expect(said(' mapping apply ')).not.toMatch(/value-unmatched/);
  expect(said(' withdraw ')).toMatch(/^Withdrew 2 rows; 2 of 2 ids were there\. 78 rows are left\.$/m);
  expect(said(' move ')).toMatch(/^Moved thyroid-clinic to ds-[0-9a-f]{16}: \d+ of 80 rows can be used\.$/m);
  expect(said(' snapshots ')).toMatch(/^1 +\S+ +80 +0 +\w{64}\n2 +\S+ +78 +2 +\w{64}$/m);
});

const usable = (output: string): number => Number(/^(\d+) of 80 rows can be used/m.exec(output)![1]);
