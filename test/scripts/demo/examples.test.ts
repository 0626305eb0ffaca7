// The public files that the demo deals out, each member's part mapped by itself to the example's study.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeTable, readTable } from '../../../main/data/table.ts';
import { suggestMapping } from '../../../main/data/mapping.ts';
import {
  EXAMPLES,
  GERMAN_CREDIT,
  HEART_DISEASE,
  studyOf,
  writeMemberFile,
  type Example,
} from '../../../scripts/demo/examples.ts';
import { encodedColumns } from '../../../shared/study/columns.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const publicFile = ({ folder, csv }: Example) => readFileSync(path.join(root, 'examples', folder, csv), 'utf8');

/** Every member's own file, as the demo hands it to its node. */
function memberFiles(example: Example): { id: string; file: string; lines: string[] }[] {
  const folder = temporaryFolder();
  return example.members.map((member) => {
    const file = path.join(folder, `${member.id}.csv`);
    writeMemberFile(example, member, file);
    return { id: member.id, file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') };
  });
}

describe.each(EXAMPLES)('$folder', (example) => {
  test('every row of the public file belongs to exactly one member, unchanged', () => {
    const [header, ...rows] = publicFile(example).trimEnd().split(/\r?\n/);
    const files = memberFiles(example);
    for (const { lines } of files) expect(lines[0]).toBe(header);
    expect(files.flatMap(({ lines }) => lines.slice(1)).toSorted()).toEqual(rows.toSorted());
  });

  test('the members stand in the order of their ids, in which updates are added', () => {
    const ids = example.members.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
  });

  test('each part maps by itself: every column of the study is found and every row can be used', async () => {
    const study = studyOf(example);
    const names = [...study.schema.features, study.schema.target].map(({ name }) => name);
    for (const { file } of memberFiles(example)) {
      const table = await readTable(file);
      const mapping = suggestMapping(table.columns, study);
      expect(Object.keys(mapping.columns)).toEqual(names);
      const { train, validation, test: own } = encodeTable(study, mapping, table);
      expect(train.rows + validation.rows + own.rows).toBe(table.rows);
    }
  });

  test('the README gives the hash of the file', () => {
    const readme = readFileSync(path.join(root, 'examples', example.folder, 'README.md'), 'utf8');
    expect(readme).toContain(createHash('sha256').update(publicFile(example)).digest('hex'));
  });
});

const rowsOf = (example: Example) => memberFiles(example).map(({ id, lines }) => [id, lines.length - 1]);

test('each hospital holds its own patients', () => {
  expect(rowsOf(HEART_DISEASE)).toEqual([
    ['cleveland', 304],
    ['hungary', 293],
    ['switzerland', 123],
    ['va-long-beach', 200],
  ]);
});

test('each lender holds the customers who borrowed for its purposes', () => {
  expect(rowsOf(GERMAN_CREDIT)).toEqual([
    ['cars', 337],
    ['education-business', 168],
    ['furniture', 203],
    ['television', 292],
  ]);
});

test('the credit model is not given sex, personal status, origin, or which lender a row belongs to', () => {
  const columns = encodedColumns(studyOf(GERMAN_CREDIT));
  expect(columns).toHaveLength(44);
  for (const { feature, column } of columns) {
    expect(feature).not.toMatch(/^(personal_status_and_sex|foreign_worker|purpose)$/);
    expect(column).not.toMatch(/sex|male|foreign|resident\b/);
  }
});

test('a member without a row is not written', () => {
  const nobody = { id: 'nobody', short: 'Nobody', name: 'Nobody', holds: ['yachts'] };
  const file = path.join(temporaryFolder(), 'nobody.csv');
  expect(() => writeMemberFile(GERMAN_CREDIT, nobody, file)).toThrow('has no rows of Nobody');
});
