import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importFile } from '../../main/data/import.ts';
import { openJoined, saveMapping, savedMapping, savedMappings, sealJoined } from '../../main/data/saved-mappings.ts';
import { saveTried, tryMapping, unitsInUse } from '../../main/joining.ts';
import { joinedStudyOf } from '../../main/store/rounds.ts';
import { institution, rowsCsv, smallStudy, type Institution } from '../support/institution.ts';

const SUGGESTED = { text: '', version: 0 };

async function bring({ node, home }: Institution, name: string, csv: string): Promise<string> {
  const path = join(home, `${name}.csv`);
  writeFileSync(path, csv);
  return (await importFile(node.data, { path, name, again: true })).id;
}

const spelled = rowsCsv().replace('x,y', 'ex,why').replaceAll(/,1$/gm, ',surely').replaceAll(/,0$/gm, ',hardly');
const mapping = {
  version: 1 as const,
  study: 'small',
  columns: { x: { column: 'ex' }, y: { column: 'why', values: { surely: 'present', hardly: 'absent' } } },
};

describe('a saved mapping', () => {
  test('has a version, on record, and is applied to the next file of the same shape', async () => {
    const at = await institution();
    const { node, kinds } = at;
    const first = await bring(at, 'first', spelled);
    const saved = await saveTried(node, 'small', first, JSON.stringify(mapping));
    expect(saved).toMatchObject({ version: 1, mapping });
    expect(await saveTried(node, 'small', first, JSON.stringify(mapping))).toEqual(saved);
    const other = {
      ...mapping,
      columns: { ...mapping.columns, x: { column: 'ex', clip: [1, 9] as [number, number] } },
    };
    expect(saveMapping(node.data, other).version).toBe(2);
    expect(savedMappings(node.data, 'small').map(({ version }) => version)).toEqual([1, 2]);
    expect(savedMapping(node.data, 'small', 0).mapping).toEqual(other);
    expect(kinds().filter((kind) => kind === 'mapping.saved')).toHaveLength(2);

    const next = await bring(at, 'next', spelled.replaceAll('hardly', 'never'));
    const { report } = await tryMapping(node, 'small', next, { text: '', version: 1 });
    expect(report).toMatchObject({
      rows: 40,
      usable: 20,
      refused: [{ name: 'y', reason: 'value-unmatched', rows: 20 }],
    });
    const shapeless = await bring(at, 'shapeless', rowsCsv());
    await expect(tryMapping(node, 'small', shapeless, { text: '', version: 1 })).rejects.toThrow(
      'columns.x.column: the data set has no column "ex".',
    );
    await expect(tryMapping(node, 'small', next, { text: '', version: 7 })).rejects.toMatchObject({
      code: 'MAPPING_UNKNOWN',
    });
  });

  test('is not saved where it does not fit', async () => {
    const at = await institution();
    const id = await bring(at, 'first', spelled);
    const bad = JSON.stringify({ ...mapping, columns: { y: { column: 'ex', unit: 'kg' } } });
    await expect(saveTried(at.node, 'small', id, bad)).rejects.toMatchObject({ code: 'MAPPING_INVALID' });
    expect(savedMappings(at.node.data, 'small')).toEqual([]);
  });

  test('and that of a joined study cannot be read from the store', async () => {
    const at = await institution();
    const { node, home } = at;
    saveMapping(node.data, { ...mapping, columns: { ...mapping.columns, x: { column: 'Quetzalcoatl' } } });
    const row = joinedStudyOf(node.store.journal.read, 'small');
    expect(openJoined(node.data, 'small', row.mapping).columns).toEqual({ x: { column: 'x' }, y: { column: 'y' } });
    expect(openJoined(node.data, 'small', sealJoined(node.data, mapping))).toEqual(mapping);
    const files = readdirSync(home).filter((name) => name.startsWith('assent.db'));
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(home, name))));
    expect(bytes.includes('small')).toBe(true);
    for (const told of ['Quetzalcoatl', '"surely"', '{"column"']) expect(bytes.includes(told), told).toBe(false);
  });
});

test('a suggestion leaves out columns that look like identifiers, and says so', async () => {
  const at = await institution({ study: smallStudy() });
  const rows = Array.from({ length: 60 }, (_, i) => `${70_000 + i},${i % 2}`).join('\n');
  const id = await bring(at, 'numbered', `X_,y\n${rows}\n`);
  const { identifiers, mapping: found } = await tryMapping(at.node, 'small', id, SUGGESTED);
  expect(identifiers).toEqual([{ column: 'X_', reason: 'all-different-numbers' }]);
  expect(found.columns).toEqual({ y: { column: 'y' } });
});

test('the unit of a column is that of the mapping in use, or else the study’s', async () => {
  const feature = {
    name: 'x',
    label: { en: 'x', zh: 'x' },
    kind: 'number',
    unit: 'kg',
    range: [0, 10],
    mean: 5,
    sd: 2,
    missing: { value: 5, indicator: false },
  };
  const { node } = await institution({ study: smallStudy(['schema.features', [feature]]) });
  const { dataset } = joinedStudyOf(node.store.journal.read, 'small');
  expect([...unitsInUse(node, dataset)]).toEqual([['x', 'kg']]);
});
