// The examples that the demo can run: each a study and one public file, dealt out so that each member holds its own rows alone.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readStudy, type Study } from '../../shared/study/study.ts';

export type Member = {
  /** Its name in the consortium, and that of its folder. */
  id: string;
  /** What tables and data sets call it. */
  short: string;
  name: string;
  /** The rows whose `split` column holds one of these are its own. */
  holds: readonly string[];
};

export type Example = {
  /** Its folder in examples/, and what `--study` calls it. */
  folder: string;
  consortium: { id: string; name: string };
  /** Whose rows these are, in one sentence. */
  about: string;
  /** The script of bench/ that repeats the comparison over ten splits. */
  bench: string;
  csv: string;
  /** The column of the file that says whose a row is. */
  split: string;
  /** In the order of their ids, which is the order in which updates are added. */
  members: readonly Member[];
};

export const HEART_DISEASE: Example = {
  folder: 'heart-disease',
  consortium: { id: 'heart-demo', name: 'Heart disease demo' },
  about: 'Real patients of the UCI heart disease data; each hospital keeps its own.',
  bench: 'heart',
  csv: 'heart_disease_uci.csv',
  split: 'dataset',
  members: [
    { id: 'cleveland', short: 'Cleveland', name: 'Cleveland Clinic Foundation', holds: ['Cleveland'] },
    { id: 'hungary', short: 'Hungary', name: 'Hungarian Institute of Cardiology, Budapest', holds: ['Hungary'] },
    {
      id: 'switzerland',
      short: 'Switzerland',
      name: 'University Hospitals of Zurich and Basel',
      holds: ['Switzerland'],
    },
    { id: 'va-long-beach', short: 'VA Long Beach', name: 'V.A. Medical Center, Long Beach', holds: ['VA Long Beach'] },
  ],
};

export const GERMAN_CREDIT: Example = {
  folder: 'german-credit',
  consortium: { id: 'credit-demo', name: 'Credit risk demo' },
  about: 'Real customers of one bank (UCI German credit data); the four lenders are simulated, by what a loan was for.',
  bench: 'credit',
  csv: 'germancredit.csv',
  split: 'purpose',
  members: [
    { id: 'cars', short: 'Cars', name: 'Simulated lender: car loans', holds: ['car (new)', 'car (used)'] },
    {
      id: 'education-business',
      short: 'Education & business',
      name: 'Simulated lender: education and business',
      holds: ['education', 'retraining', 'business', 'others'],
    },
    {
      id: 'furniture',
      short: 'Furniture',
      name: 'Simulated lender: furniture and repairs',
      holds: ['furniture/equipment', 'repairs'],
    },
    {
      id: 'television',
      short: 'Television',
      name: 'Simulated lender: television and appliances',
      holds: ['radio/television', 'domestic appliances'],
    },
  ],
};

export const EXAMPLES: readonly Example[] = [HEART_DISEASE, GERMAN_CREDIT];

const fileOf = ({ folder }: Example, name: string): string =>
  path.resolve(import.meta.dirname, '../../examples', folder, name);

export const studyOf = (example: Example): Study => readStudy(readFileSync(fileOf(example, 'study.json'), 'utf8'));

/** Writes a member's own file: the header and the lines that are its own, unchanged and in their order. */
export function writeMemberFile(example: Example, { name, holds }: Member, file: string): void {
  const [header = '', ...lines] = readFileSync(fileOf(example, example.csv), 'utf8').split(/\r?\n/);
  const column = fieldsOf(header).indexOf(example.split);
  const own = lines.filter((line) => holds.includes(fieldsOf(line)[column] ?? ''));
  if (own.length === 0) throw new Error(`the example's file has no rows of ${name}`);
  writeFileSync(file, `${[header, ...own].join('\n')}\n`);
}

// No line break and no doubled quote is within quotes in these files, which are our own.
const fieldsOf = (line: string): string[] =>
  line.match(/(?<=^|,)(?:"[^"]*"|[^,"]*)(?=,|$)/g)?.map((field) => field.replace(/^"(.*)"$/, '$1')) ?? [];
