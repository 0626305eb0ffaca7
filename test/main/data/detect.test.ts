import { describe, expect, test } from 'vitest';
import { detect, refuseDoubts } from '../../../main/data/detect.ts';
import { importFile } from '../../../main/data/import.ts';
import { DEFAULTS, parseOverrides } from '../../../main/data/settings.ts';
import { inspectFile } from '../../../main/data/source.ts';
import { dataHome } from '../../support/data-home.ts';

const found = (content: string | Uint8Array, said = {}) => {
  const { settings, doubts } = detect(Buffer.from(content as string), said);
  const changed = Object.entries(settings).filter(([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value);
  return doubts.length > 0 ? { ...Object.fromEntries(changed), doubts } : Object.fromEntries(changed);
};

describe('from the beginning of a file is told', () => {
  test('its delimiter, by the header, and its quote', () => {
    expect(found('a,b\n1,2\n')).toEqual({});
    expect(found('a;b\n1;2\n')).toEqual({ delimiter: ';' });
    expect(found('a\tb\n1\t2\n')).toEqual({ delimiter: '\t' });
    expect(found('a|b\n1|2\n')).toEqual({ delimiter: '|' });
    expect(found('"a,b";c\n1;2\n')).toEqual({ delimiter: ';' });
    expect(found("'a';'b;c'\n'1';'2'\n")).toEqual({ delimiter: ';', quote: "'" });
  });

  test('its encoding', () => {
    expect(found(Buffer.from('a,ü\n1,2\n'))).toEqual({});
    expect(found(Buffer.from('\uFEFFa,ü\n1,2\n'))).toEqual({});
    expect(found(Buffer.from('a,ü\n1,2\n', 'latin1'))).toEqual({ encoding: 'windows-1252' });
    expect(found(Buffer.from('\uFEFFa,ü\n1,2\n', 'utf16le'))).toEqual({ encoding: 'utf-16le' });
    expect(found(Buffer.from('\uFEFFa,ü\n1,2\n', 'utf16le').swap16())).toEqual({ encoding: 'utf-16be' });
    expect(found(Buffer.concat([Buffer.from('a,ü\n'), Buffer.from([0xff])]))).toEqual({}); // UTF-8 with damage
    expect(found(Buffer.from([97, 10, 0x81, 10]))).toEqual({}); // Windows-1252 has no such byte either
  });

  test('its decimal mark and thousands separator', () => {
    expect(found('a;b\n1,5;2\n')).toEqual({ delimiter: ';', decimal: ',' });
    expect(found('a;b\n1.234,5;2\n')).toEqual({ delimiter: ';', decimal: ',', thousands: '.' });
    expect(found('a;b\n1 234,5;2\n')).toEqual({ delimiter: ';', decimal: ',', thousands: ' ' });
    expect(found('a,b\n"1,234.5",2\n')).toEqual({ thousands: ',' });
    expect(found('a,b\n"1,234",2.5\n')).toEqual({ thousands: ',' });
    expect(found("a,b\n1'234.5,2\n")).toEqual({ thousands: "'" });
    expect(found('a;b\n"1,234";0,5\n')).toEqual({ delimiter: ';', decimal: ',' });
    expect(found('a;b\n1,234;2\n')).toEqual({ delimiter: ';', thousands: ',', doubts: ['decimal'] });
    expect(found('a;b\n1,234;2\n', { decimal: ',' })).toEqual({ delimiter: ';', decimal: ',' });
    expect(found('a;b\n1,234;2\n', { thousands: ',' })).toEqual({ delimiter: ';', thousands: ',' });
  });

  test('the order of its dates', () => {
    expect(found('a\n2026-11-23\n')).toEqual({});
    expect(found('a\n03.04.2026\n')).toEqual({ dates: 'dmy' });
    expect(found('a\n03/04/2026\n23/04/2026\n')).toEqual({ dates: 'dmy' });
    expect(found('a\n03/04/2026\n04/23/2026\n')).toEqual({ dates: 'mdy' });
    expect(found('a\n03/04/2026\n')).toEqual({ doubts: ['dates'] });
    expect(found('a\n03/04/2026\n', { dates: 'mdy' })).toEqual({ dates: 'mdy' });
  });
});

test('a doubt is refused, saying both readings and the option', () => {
  expect(() => refuseDoubts('x.csv', detect(Buffer.from('a\n03/04/2026\n')))).toThrow(
    'x.csv: 03/04/2026 can be read as 3 April or as 4 March here; say which with --date-format dmy or mdy (or none, to leave dates out).',
  );
  expect(() => refuseDoubts('x.csv', detect(Buffer.from('a;b\n1,234;2\n')))).toThrow(
    'x.csv: "1,234" can be read as 1.234 or as 1234 here; say which with --decimal , or --thousands ,.',
  );
});

test('what a person says is checked', () => {
  expect(parseOverrides({ decimal: ',', encoding: '' })).toEqual({ decimal: ',' });
  expect(() => parseOverrides({ delimiter: 'x' })).toThrow('How the file is written: delimiter');
  expect(() => detect(Buffer.from('a\n1\n'), { decimal: ',', thousands: ',' })).toThrow(
    '"," cannot be the decimal mark and the thousands separator of one file.',
  );
});

test('every encoding gives the same rows, and what contradicts it later is named with its place', async () => {
  const home = dataHome();
  const text = 'name;€\nZoë;1\nÅsa;2\nZoë;3\nÅsa;4\n';
  const cp1252 = Buffer.from(text.replace('€', '\u0080'), 'latin1');
  const le = Buffer.from(`\uFEFF${text}`, 'utf16le');
  const files = [Buffer.from(text), Buffer.from(`\uFEFF${text}`), cp1252, le, Buffer.from(le).swap16()];
  const snapshots = new Set<string>();
  for (const [index, content] of files.entries())
    snapshots.add(
      (await importFile(home.deps, { path: home.file(`${index}.csv`, content), name: String(index) })).snapshot,
    );
  expect(snapshots.size).toBe(1);

  const late = Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(300_000, '1,2\n'), Buffer.from([49, 44, 0xe9, 10])]);
  await expect(importFile(home.deps, { path: home.file('late.csv', late), name: 'late' })).rejects.toThrow(
    'late.csv, line 75002, column 2 "b": byte 0xE9 is not UTF-8 text; say which encoding the file has',
  );
  const odd = Buffer.from([0xff, 0xfe, 97, 0, 10, 0, 0x00, 0xd8, 10, 0]);
  await expect(importFile(home.deps, { path: home.file('odd.csv', odd), name: 'odd' })).rejects.toThrow(
    'odd.csv, line 2, column 1 "a": 0xD800, half of a character, is not UTF-16 text',
  );
  const none = {
    path: home.file('none.csv', Buffer.from([97, 10, 0x81, 10])),
    name: 'none',
    settings: { encoding: 'windows-1252' },
  } as const;
  await expect(importFile(home.deps, none)).rejects.toThrow('line 2, column 1 "a": byte 0x81 is not Windows-1252 text');
  const comma = `a;b\n${'1.5;2\n'.repeat(60_000)}1,5;2\n`;
  await expect(importFile(home.deps, { path: home.file('comma.csv', comma), name: 'comma' })).rejects.toThrow(
    'comma.csv, line 60002, column 1 "a": "1,5" is not a number, but 60000 values of this column are. The decimal mark and the thousands separator can be said (--decimal, --thousands).',
  );
  const dates = `a\n${'2026-01-02\n'.repeat(30)}2026-02-30\n`;
  await expect(importFile(home.deps, { path: home.file('dates.csv', dates), name: 'dates' })).rejects.toThrow(
    'dates.csv, line 32, column 1 "a": "2026-02-30" is not a date, but 30 values of this column are.',
  );
});

test('a look at a file tells how it is written, its columns and first values, and keeps nothing', async () => {
  const home = dataHome();
  const path = home.file('look.csv', 'age;weight;born;sex\n63;"70,5";1960-01-01;Male\n?;80,25;1961-02-03;Female\n');
  expect(await inspectFile(path)).toEqual({
    format: 'csv',
    detected: { settings: { ...DEFAULTS, delimiter: ';', decimal: ',' }, doubts: [] },
    columns: [
      { name: 'age', type: 'number', missing: 1, categories: [], lossy: false, examples: ['63', '?'] },
      { name: 'weight', type: 'number', missing: 0, categories: [], lossy: false, examples: ['70,5', '80,25'] },
      {
        name: 'born',
        type: 'number',
        missing: 0,
        categories: [],
        lossy: false,
        encoding: 'days-since-1970-01-01',
        examples: ['1960-01-01', '1961-02-03'],
      },
      {
        name: 'sex',
        type: 'category',
        missing: 0,
        categories: ['Female', 'Male'],
        lossy: false,
        examples: ['Male', 'Female'],
      },
    ],
    rows: 2,
    whole: true,
  });
  const long = await inspectFile(home.file('long.csv', `n\n${'1\n'.repeat(2000)}`));
  expect(long).toMatchObject({ rows: 1000, whole: false });
  expect(home.counts()).toEqual({ datasets: 0, groups: 0, records: 0 });
});
