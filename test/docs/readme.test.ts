// Runs the walk-through of README.md line by line, as a reader at a shell would: real programs, real TensorFlow, loopback.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commandsOf, readDocument } from './markdown.ts';
import { walkThrough, type Note } from './walk-through.ts';

/** What a reader notes down for a later command: fingerprints that are read aloud, ids of data sets, hashes of policies. */
const NOTES: Note[] = [
  ['COORDINATOR', /\d{5}(?: \d{5}){7}/, / invite north /],
  ['NORTH', /\d{5}(?: \d{5}){7}/, /north" --as nina enrol /],
  ['SOUTH', /\d{5}(?: \d{5}){7}/, /south" --as sara enrol /],
  ['NORTH_ROWS', /ds-[0-9a-f]{16}/, /north" --as nina import /],
  ['SOUTH_ROWS', /ds-[0-9a-f]{16}/, /south" --as sara import /],
  ['NORTH_POLICY', /(?<=--sign )[0-9a-f]{64}/, /omar policy /],
  ['SOUTH_POLICY', /(?<=--sign )[0-9a-f]{64}/, /pia policy /],
];

test('the walk-through of the README runs as it is written', { timeout: 300_000 }, async ({ skip }) => {
  if (process.platform === 'win32') skip('needs a POSIX shell');
  const { env, runs } = await walkThrough('README.md', NOTES);
  const outputs = runs.map(({ output }) => output);

  const [unknown, known] = outputs.slice(-2);
  expect(unknown).toMatch(/^OK: \d+ records of assent\/\S+, root \w{64}: consistent, signer not authenticated/m);
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  expect(known).toMatch(
    new RegExp(
      `^OK: \\d+ records of (assent/\\S+), root \\w{64}, signed by \\1\\n` +
        `    and by keys that came with the export, which nobody has confirmed: clinics/coordinator at ${time}, clinics/south at ${time}$`,
      'm',
    ),
  );

  const at = (...parts: string[]) => path.join(env['TRY']!, ...parts);
  const metrics = readFileSync(at('results', 'metrics.csv'), 'utf8').trim().split('\r\n');
  expect(metrics.slice(1).map((row) => row.split(',').slice(0, 4))).toEqual([
    ['1', '1', 'aggregated', '2'],
    ['2', '1', 'aggregated', '2'],
  ]);

  const entries = readFileSync(at('north-log', 'entries.jsonl'), 'utf8').trim().split('\n');
  const approvals = entries
    .map((entry) => JSON.parse(entry) as { kind: string; round: number; detail: { policy: string | null } })
    .filter(({ kind }) => kind === 'approval.granted')
    .map(({ round, detail }) => ({ round, automatic: detail.policy !== null }));
  expect(approvals).toEqual([
    { round: 1, automatic: false },
    { round: 1, automatic: false },
    { round: 2, automatic: true },
  ]);
  // What a person typed is in the log as a commitment only.
  expect(entries.join()).not.toMatch(/data board|Rows of North|north\.csv|Omar|Seen, and/);
});

test('the commands that the README begins with are those of package.json', () => {
  const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: Record<string, string> };
  const named = commandsOf(readDocument('README.md'), '').map((line) => line.replace(/^npm (run )?/, ''));
  expect(named).toEqual(['demo', 'test']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
