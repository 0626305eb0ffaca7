import { expect, test } from 'vitest';
import { describeDataset } from '../../../main/data/datasets.ts';
import { draftMapping, wantsOf } from '../../../main/data/draft.ts';
import { importFile } from '../../../main/data/import.ts';
import { parseMapping, suggestMapping, type Mapping } from '../../../main/data/mapping.ts';
import { checkMapping } from '../../../main/data/rows.ts';
import { changedStudy } from '../../support/example-study.ts';
import { parseStudy } from '../../../shared/study/study.ts';
import { dataHome } from '../../support/data-home.ts';

const label = (en: string, zh: string) => ({ en, zh });
const choice = (value: string) => ({ value, label: label(value, value) });
const study = parseStudy(
  changedStudy(
    ['id', 'small'],
    [
      'schema.features',
      [
        {
          name: 'weight',
          label: label('Weight', '体重'),
          kind: 'number',
          unit: 'kg',
          range: [30, 200],
          mean: 70,
          sd: 10,
          missing: { value: 70, indicator: false },
        },
        {
          name: 'sex',
          label: label('Sex', '性别'),
          kind: 'category',
          categories: [choice('female'), choice('male')],
          missing: { indicator: true },
        },
      ],
    ],
    [
      'schema.target',
      { name: 'ill', label: label('Ill', '患病'), kind: 'class', classes: [choice('no'), choice('yes')] },
    ],
  ),
);

async function bring(csv: string) {
  const { deps, file } = dataHome();
  const { id } = await importFile(deps, { path: file('rows.csv', csv), name: 'rows' });
  const suggested = suggestMapping(describeDataset(deps, id).schema, study);
  const draft = (mapping: Mapping = suggested, locale: 'en' | 'zh' = 'en') =>
    draftMapping(deps, id, study, mapping, locale);
  const check = (mapping: unknown) => checkMapping(deps, id, study, parseMapping(mapping));
  return { draft, check, suggested };
}

const WEIGHT = 'Weight: a number in kg from 30 to 200';
const SEX = 'Sex: one of "female", "male"';
const ILL = 'Ill: one of "no", "yes"';

test('a draft has every column of the study, what it wants, and every local value that means no category', async () => {
  // "woman" stands only in rows that are refused for their diagnosis.
  const { draft, check } = await bring(
    'kilos,Sex,ill,note\n70,female,no,\n80,woman,maybe,\n90,woman,,\n60,male,yes,\n',
  );
  const { text, columns, values, unused } = await draft();
  expect(JSON.parse(text)).toEqual({
    version: 1,
    study: 'small',
    columns: {
      weight: { note: WEIGHT, column: '' },
      sex: { note: SEX, column: 'Sex', values: { female: 'female', male: 'male', woman: '' } },
      ill: { note: ILL, column: 'ill', values: { no: 'no', yes: 'yes', maybe: '' } },
    },
  });
  expect([columns, values, unused.map(({ name, type }) => [name, type])]).toEqual([
    1,
    2,
    [
      ['kilos', 'number'],
      ['note', 'empty'],
    ],
  ]);
  const filled = text.replace('"column": ""', '"column": "kilos"').replace('"woman": ""', '"woman": "female"');
  const report = await check(JSON.parse(filled.replace('"maybe": ""', '"maybe": null')));
  expect([report.usable, report.columns.flatMap(({ unmatched }) => unmatched)]).toEqual([2, []]);
});

test('a draft is made even where no column is found for the target, and numbers are looked at too', async () => {
  const { draft, check, suggested } = await bring('weight,gender,outcome_code\n70,1,0\n80,2,1\n90,3,1\n');
  await expect(check(suggested)).rejects.toThrow('check small --dataset ID --draft FILE');
  const { text, columns, values } = await draft();
  expect(JSON.parse(text)).toMatchObject({
    columns: { sex: { column: 'gender', values: { 1: '', 2: '', 3: '' } }, ill: { note: ILL, column: '' } },
  });
  expect([columns, values]).toEqual([1, 3]);
  expect((await draft(parseMapping(JSON.parse(text)))).text).toBe(text);
});

test('what a draft leaves open is refused with what to say, until it is said; notes are not kept', async () => {
  const { draft, check } = await bring('weight,gender,ill\n70,woman,no\n80,man,yes\n');
  const first = JSON.parse((await draft()).text) as { columns: Record<string, { values: Record<string, unknown> }> };
  const refused = (columns: object) => check({ ...first, columns: { ...first.columns, ...columns } });
  await expect(refused({})).rejects.toThrow(
    'columns.sex.values: say which category "woman" is, or null where it means "missing".',
  );
  await expect(refused({ weight: { column: '' } })).rejects.toThrow(
    'columns.weight.column: say which local column it is, or remove the entry: then every value is missing.',
  );
  await expect(refused({ sex: { column: 'gender' }, ill: { column: '' } })).rejects.toThrow(
    'columns.ill.column: say which local column it is.',
  );
  first.columns['sex']!.values['woman'] = 'female';
  const again = await draft(parseMapping(first));
  expect(again.values).toBe(1);
  expect(JSON.parse(again.text)).toMatchObject({ columns: { sex: { values: { woman: 'female', man: '' } } } });
  first.columns['sex']!.values['man'] = 'male';
  expect(JSON.stringify(parseMapping(first))).not.toContain('note');
  expect((await check(first)).usable).toBe(2);
});

test('what the study wants is said in either language, and long lists are cut', async () => {
  const { draft } = await bring('weight,gender,ill\n70,woman,no\n80,man,yes\n');
  expect((await draft(undefined, 'zh')).text).toContain('体重: 30 至 200 的数值，单位 kg');
  const many = { ...study.schema.target, classes: Array.from({ length: 22 }, (_, i) => choice(`class ${i}`)) };
  expect(wantsOf(many, 'en')).toMatch(/^one of "class 0", .*"class 19" and 2 more$/);
});
