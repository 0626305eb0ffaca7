// Passages over all rows of a data set: others get their turn in between, progress is told, and a person can stop them.
import { AssentError } from '../../shared/errors.ts';

/** A report is made in two passages, `measuring` and `counting`; a withdrawal is `copying` the rows that stay. */
export type RowsProgress = { phase: 'measuring' | 'counting' | 'copying'; rows: number; totalRows: number };
export type Watched = { progress?: (progress: RowsProgress) => void; signal?: AbortSignal };

/** Lets other work of the process go on between two row groups. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The same; throws CANCELED, saying that `what` was, when a person has stopped it. */
export async function watchedTurn({ signal }: Watched, what: string): Promise<void> {
  await turn();
  if (signal?.aborted) throw new AssentError('CANCELED', `${what} was cancelled; nothing of it is kept.`);
}
