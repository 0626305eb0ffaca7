// The four hospitals of examples/heart-disease: one public file, dealt out so that each holds its own patients alone.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readStudy, type Study } from '../../shared/study/study.ts';

export type Hospital = {
  /** Its name in the consortium, and that of its folder. */
  id: string;
  /** What the file's column `dataset` calls it. */
  dataset: string;
  name: string;
};

/** In the order of their ids, which is the order in which updates are added. */
export const HOSPITALS: readonly Hospital[] = [
  { id: 'cleveland', dataset: 'Cleveland', name: 'Cleveland Clinic Foundation' },
  { id: 'hungary', dataset: 'Hungary', name: 'Hungarian Institute of Cardiology, Budapest' },
  { id: 'switzerland', dataset: 'Switzerland', name: 'University Hospitals of Zurich and Basel' },
  { id: 'va-long-beach', dataset: 'VA Long Beach', name: 'V.A. Medical Center, Long Beach' },
];

const example = path.resolve(import.meta.dirname, '../../examples/heart-disease');

export const exampleStudy = (): Study => readStudy(readFileSync(path.join(example, 'study.json'), 'utf8'));

/** Writes a hospital's own file: the header and the lines that carry its name, unchanged and in their order. */
export function writeHospitalFile(hospital: Hospital, file: string): void {
  const [header = '', ...lines] = readFileSync(path.join(example, 'heart_disease_uci.csv'), 'utf8').split(/\r?\n/);
  const column = header.split(',').indexOf('dataset');
  // No field of this file is quoted, so a comma always ends one.
  const own = lines.filter((line) => line.split(',')[column] === hospital.dataset);
  if (own.length === 0) throw new Error(`the example's file has no rows of ${hospital.dataset}`);
  writeFileSync(file, `${[header, ...own].join('\n')}\n`);
}
