// Each member's own model against the consortium's, on its own test rows and on everyone's, with pooled training as the
// ceiling. Own test rows are scored by the member's node; the rest by this script, from the public file.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeModel } from '../../main/model/received.ts';
import type { Vector } from '../../shared/math/vector.ts';
import type { ModelScores } from '../../shared/gen/assent/v1/node_pb.ts';
import type { Study } from '../../shared/study/study.ts';
import { eventually } from './clients.ts';
import type { Consortium, Institution } from './consortium.ts';
import type { Everyone } from './everyone.ts';
import type { InstitutionFigures, Summary } from './summary.ts';
import { figure, row } from './terminal.ts';

type Comparing = { study: Study; everyone: Everyone; last: Vector; signal: AbortSignal };

/** Trains every member's own model and scores both; `rows` are those it imported. */
export async function compare(
  { institutions }: Consortium,
  rows: readonly number[],
  comparing: Comparing,
): Promise<InstitutionFigures[]> {
  const everyoneAuc = await comparing.everyone.auc(comparing.last);
  return Promise.all(institutions.map((institution, i) => compareOne(institution, rows[i]!, everyoneAuc, comparing)));
}

async function compareOne(
  { id, name, short, folder, calls }: Institution,
  rows: number,
  everyoneAuc: number | null,
  { study, everyone, signal }: Comparing,
): Promise<InstitutionFigures> {
  const own = await trainLocal();
  const file = path.join(folder, 'own-model.safetensors');
  await calls.saveModel({ study: study.id, round: 0, path: file });
  const consortium = await eventually(
    `${short} had evaluated the consortium's model`,
    async () => (await calls.getModels({ study: study.id })).consortium,
    signal,
  );
  return {
    name: id,
    title: name,
    rows,
    testRows: consortium.rows,
    localAuc: { everyone: await everyone.auc(decodeModel(study, readFileSync(file))), own: own.auc ?? null },
    consortiumAuc: { everyone: everyoneAuc, own: consortium.auc ?? null },
  };

  async function trainLocal(): Promise<ModelScores> {
    for await (const { kind } of calls.trainLocal({ study: study.id })) if (kind.case === 'model') return kind.value;
    throw new Error(`${short} trained no model of its own`);
  }
}

const WIDTHS = [9, 5, 10, 10, 10, 10] as const;

export function comparisonTable(
  institutions: readonly InstitutionFigures[],
  { consortiumAuc, pooledAuc, testRows, nouns }: Pick<Summary, 'consortiumAuc' | 'pooledAuc' | 'testRows' | 'nouns'>,
): string {
  const names = [...institutions.map(({ name }) => name), 'pooled training'];
  const wide = Math.max(...names.map((name) => name.length));
  const line = (name: string, cells: readonly string[]) => `${name.padEnd(wide)}  ${row(cells, WIDTHS)}`;
  const auc = (value: number | null) => figure(value, 3);
  return [
    `${' '.repeat(wide)}  ${' '.repeat(WIDTHS[0] + WIDTHS[1] + 2)}  ${'own test rows'.padStart(22)}  ${`everyone's ${testRows}*`.padStart(22)}`,
    line('AUC', [nouns.row.other, 'test', 'own model', 'consortium', 'own model', 'consortium']),
    ...institutions.map((one) =>
      line(one.name, [
        String(one.rows),
        String(one.testRows),
        auc(one.localAuc.own),
        auc(one.consortiumAuc.own),
        auc(one.localAuc.everyone),
        auc(one.consortiumAuc.everyone),
      ]),
    ),
    line('pooled training', ['', '', '', '', '', auc(pooledAuc)]),
    '',
    `The consortium reaches ${auc(consortiumAuc)}, training on all rows in one place would reach ${auc(pooledAuc)}.`,
    `too few: fewer than 5 test ${nouns.row.other} with one of the two outcomes, so no figure is given.`,
    "* On everyone's test rows, computed by this script: possible only because this data is public.",
  ].join('\n');
}
