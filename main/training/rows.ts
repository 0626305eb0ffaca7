// Rows must fit the model before TensorFlow sees them: a wrong label there is silently a wrong gradient.
import { AssentError } from '../../shared/errors.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import type { TrainingRows } from '../stages.ts';
import type { Part, ProblemSpec } from './protocol.ts';

/** Throws TRAINING_ROWS, naming the part and row (counted from 0), unless every row can be trained on. */
export function checkRows({ layers, loss, classes, rows }: ProblemSpec): void {
  if (rows.train.rows === 0) throw unfit('there are no training rows', 'train');
  const outputs = parameterLayout(layers, rows.train.width).findLast(({ shape }) => shape.length === 2)?.shape[1] ?? 0;
  const needed = loss === 'sigmoidCrossEntropy' ? 1 : classes;
  if (outputs !== needed) throw unfit(`the model has ${outputs} outputs, and ${needed} are needed`, 'train');
  for (const part of ['train', 'validation', 'test'] as const) checkPart(part, rows[part], rows.train.width, classes);
}

function checkPart(
  part: Part,
  { features, labels, rows, width: found }: TrainingRows,
  width: number,
  classes: number,
): void {
  if (found !== width) throw unfit(`rows have ${found} columns, and the training rows ${width}`, part);
  if (features.length !== rows * width || labels.length !== rows) {
    throw unfit(`${rows} rows of ${width} columns are announced, but not as many values given`, part);
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw unfit(`the class ${label} is not one of 0 to ${classes - 1}`, part, row);
    }
  }
  for (let i = 0; i < features.length; i++) {
    if (!Number.isFinite(features[i]))
      throw unfit(`column ${i % width} is not a finite number`, part, Math.floor(i / width));
  }
}

function unfit(problem: string, part: Part, row?: number): AssentError {
  const where = row === undefined ? `the ${part} rows` : `row ${row} of the ${part} rows`;
  return new AssentError('TRAINING_ROWS', `The rows do not fit the study: in ${where}, ${problem}.`, {
    part,
    ...(row === undefined ? {} : { row: String(row) }),
  });
}
