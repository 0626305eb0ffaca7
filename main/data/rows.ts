// Rows of a data set as a study sees them: decrypted, mapped and encoded group by group, split, in memory that a worker shares.
import type { StudyRows, TrainingRows } from '../stages.ts';
import type { Study } from '../../shared/study/study.ts';
import { describeDataset, openGroups } from './datasets.ts';
import { rowEncoder, type ColumnReport, type Refusal, type RowEncoder } from './encode.ts';
import type { Mapping } from './mapping.ts';
import { turn } from './passage.ts';
import type { DataDeps } from './sealing.ts';
import { splitter, SPLITS } from './split.ts';

export type MappingReport = {
  rows: number;
  usable: number;
  /** Why other rows are not: a row counts under the first reason found. */
  refused: (Refusal & { rows: number })[];
  columns: ColumnReport[];
  /** By name of feature, the unit that its values look like where the mapping says another one. */
  unitGuesses: Map<string, string>;
};

/** Tries a mapping on every row and keeps nothing. Throws MAPPING_INVALID, DATASET_UNKNOWN. */
export async function checkMapping(
  deps: DataDeps,
  dataset: string,
  study: Study,
  mapping: Mapping,
): Promise<MappingReport> {
  const encoder = rowEncoder(study, describeDataset(deps, dataset).schema, mapping);
  const out = new Float32Array(encoder.width);
  const refused = new Map<Refusal, number>();
  let rows = 0;
  for (const group of openGroups(deps, dataset)) {
    for (let row = 0; row < group.rows; row++) {
      const result = encoder.encode(group.values, row * encoder.inputWidth, out, 0);
      if (typeof result !== 'number') refused.set(result, (refused.get(result) ?? 0) + 1);
    }
    rows += group.rows;
    await turn();
  }
  out.fill(0);
  const reasons = [...refused].map(([refusal, count]) => ({ ...refusal, rows: count }));
  const usable = rows - reasons.reduce((sum, reason) => sum + reason.rows, 0);
  return { rows, usable, refused: reasons, columns: encoder.report, unitGuesses: encoder.unitGuesses() };
}

/** The usable rows in the order of the file, in three splits. Call `erase` when done. Throws as `checkMapping` does. */
export async function loadRows(deps: DataDeps, dataset: string, study: Study, mapping: Mapping): Promise<StudyRows> {
  const { schema, rows, snapshot } = describeDataset(deps, dataset);
  const collected = collectRows(rowEncoder(study, schema, mapping), study, rows);
  try {
    for (const group of openGroups(deps, dataset)) {
      collected.add(group.values, group.rows);
      await turn();
    }
    return { ...collected.split(), snapshot };
  } finally {
    collected.erase();
  }
}

/** Gathers at most `most` encoded rows, then deals them out to their splits. */
export function collectRows(encoder: RowEncoder, study: Study, most: number) {
  const { width, inputWidth } = encoder;
  const { splitOf, erase } = splitter(study.split, width);
  const features = new Float32Array(most * width);
  const labels = new Float32Array(most);
  const splits = new Uint8Array(most);
  const counts = [0, 0, 0];
  let rows = 0;
  return {
    add(values: Float32Array, count: number): void {
      for (let row = 0; row < count; row++) {
        const label = encoder.encode(values, row * inputWidth, features, rows * width);
        if (typeof label !== 'number') continue;
        const split = splitOf(features, rows * width, label);
        labels[rows] = label;
        splits[rows] = split;
        counts[split]! += 1;
        rows += 1;
      }
    },
    split(): Omit<StudyRows, 'snapshot'> {
      const parts = counts.map((count): TrainingRows => ({
        features: new Float32Array(new SharedArrayBuffer(4 * count * width)),
        labels: new Float32Array(new SharedArrayBuffer(4 * count)),
        rows: count,
        width,
      }));
      const next = SPLITS.map(() => 0);
      for (let row = 0; row < rows; row++) {
        const split = splits[row]!;
        const place = next[split]!++;
        parts[split]!.features.set(features.subarray(row * width, (row + 1) * width), place * width);
        parts[split]!.labels[place] = labels[row]!;
      }
      const [train, validation, test] = parts as [TrainingRows, TrainingRows, TrainingRows];
      return {
        train,
        validation,
        test,
        erase() {
          for (const part of parts) {
            part.features.fill(0);
            part.labels.fill(0);
          }
        },
      };
    },
    erase(): void {
      features.fill(0);
      labels.fill(0);
      splits.fill(0);
      erase();
    },
  };
}
