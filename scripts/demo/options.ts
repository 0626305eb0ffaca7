// What `npm run demo -- ...` understands.
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseStudy, type Study } from '../../shared/study/study.ts';
import { EXAMPLES, HEART_DISEASE, studyOf, type Example } from './examples.ts';

export const USAGE = `npm run demo [-- --study NAME --out DIR --rounds N --seed S --algorithm fedavg|fedsgd --json]

  --study NAME  ${EXAMPLES.map(({ folder }) => folder).join(' or ')} (folders in examples/); otherwise ${HEART_DISEASE.folder}
  --out DIR     where stores, exports, summary.json and report.html go (a fresh folder; otherwise a temporary one is made)
  --rounds N    rounds of training, 1 to 500; the study's own number is 20
  --seed S      seed of the split into training and test rows; the study's own is 0
  --algorithm   fedavg (the study's own) or fedsgd
  --json        print the summary as JSON, and the progress to standard error
`;

/** `code` is the exit code: 0 when the usage was asked for. */
export class DemoUsage extends Error {
  readonly code: 0 | 2;
  constructor(message: string, code: 0 | 2 = 2) {
    super(message);
    this.code = code;
  }
}

export type DemoOptions = { folder: string; example: Example; study: Study; json: boolean };

// Fixed beforehand like all hyper-parameters of the demo, and not tuned on this data.
export const FEDSGD: Study['algorithm'] = { name: 'fedsgd', learningRate: 1 };
const MOST_ROUNDS = 500;

/** Throws DemoUsage with what was wrong. Makes the folder only when everything else is right. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parse(args);
  if (values.help === true) throw new DemoUsage(USAGE, 0);
  if (positionals[0] !== undefined) throw new DemoUsage(`"${positionals[0]}" is no option.\n\n${USAGE}`);
  const example = exampleOf(values.study);
  const study = studyOf(example);
  const changed: Study = {
    ...study,
    rounds: whole('--rounds', values.rounds, 1, MOST_ROUNDS) ?? study.rounds,
    split: { ...study.split, seed: whole('--seed', values.seed, 0, 2 ** 32 - 1) ?? study.split.seed },
    algorithm: algorithmOf(values.algorithm, study),
  };
  return { example, study: parseStudy(changed), folder: freshFolder(values.out), json: values.json === true };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    study: text,
    out: text,
    rounds: text,
    seed: text,
    algorithm: text,
    json: flag,
    help: { ...flag, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new DemoUsage(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function whole(name: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  if (!(number >= least && number <= most))
    throw new DemoUsage(`${name} is a whole number from ${least} to ${most}, not "${value}".`);
  return number;
}

function exampleOf(name: string = HEART_DISEASE.folder): Example {
  const found = EXAMPLES.find(({ folder }) => folder === name);
  if (found) return found;
  throw new DemoUsage(`--study is ${EXAMPLES.map(({ folder }) => folder).join(' or ')}, not "${name}".`);
}

function algorithmOf(name: string | undefined, study: Study): Study['algorithm'] {
  if (name === undefined || name === study.algorithm.name) return study.algorithm;
  if (name === FEDSGD.name) return FEDSGD;
  throw new DemoUsage(`--algorithm is fedavg or fedsgd, not "${name}".`);
}

function freshFolder(out: string | undefined): string {
  if (out === undefined) return mkdtempSync(path.join(tmpdir(), 'assent-demo-'));
  const folder = path.resolve(out);
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new DemoUsage(`--out ${out} holds files already. Name a folder that is empty or not there yet.`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof DemoUsage) throw error;
    throw new DemoUsage(`--out ${out} cannot be used as a folder: ${(error as Error).message}`);
  }
  return folder;
}
