// Passages over the rows of a data set: the node tells how far each is, and at the end what came of it.
import type { QualityReport, RowsProgress, Withdrawal } from '../../shared/gen/assent/v1/node_pb.ts';
import { node } from '../node.ts';

type Told = (progress: RowsProgress) => void;

export const qualityOf = (dataset: string, target = '', told: Told = () => {}): Promise<QualityReport> =>
  endOf(node.getQuality({ dataset, target }), 'report', told);

/** Stopped by the signal, it leaves everything as it was. */
export const withdraw = (
  asked: { dataset: string; idColumn: string; ids: string[] },
  told: Told,
  signal: AbortSignal,
): Promise<Withdrawal> => endOf(node.withdrawRows(asked, { signal }), 'withdrawal', told);

/** As generated: `progress` again and again, then what came of it. */
type Step = { kind: { case: string | undefined; value?: unknown } };

async function endOf<Result>(steps: AsyncIterable<Step>, end: string, told: Told): Promise<Result> {
  let result: Result | undefined;
  for await (const { kind } of steps)
    if (kind.case === 'progress') told(kind.value as RowsProgress);
    else if (kind.case === end) result = kind.value as Result;
  return result!; // the node ends such a stream with its result, or with an error
}
