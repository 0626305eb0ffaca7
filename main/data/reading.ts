// What every kind of file is read into: columns first, then groups of rows as float32 numbers.
import { AssentError } from '../../shared/errors.ts';
import type { Column, Roles } from './columns.ts';
import type { Format } from './formats.ts';

/** How far a reading is: `pass` 1 finds the types, 2 keeps the rows. */
export type ImportProgress = { pass: 1 | 2; bytes: number; totalBytes: number; rows: number };
export type ReadOptions = {
  progress?: ((progress: ImportProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  roles?: Roles | undefined;
  /** Told what identifies a row of the group that is being gathered, in their order (second reading only). */
  identify?: ((text: string) => void) | undefined;
};

/** A file's name (without its folder), columns and size; `sha256` (hex) and `bytes` are of the file as it is. */
export type Scan = { file: string; columns: Column[]; rows: number; bytes: number; sha256: string };

/** Gets every group; the buffer is zeroed after the call. */
export type EachGroup = (values: Float32Array<ArrayBuffer>, rows: number) => void;

/** A file that was recognised, read twice. */
export type Source = {
  format: Format;
  /** Throws CSV_INVALID, PARQUET_INVALID, FILE_UNREADABLE, CANCELED. */
  scan(options: ReadOptions): Promise<Scan>;
  /**
   * Row-major values of the kept columns: a category as its place in the list, a missing value as NaN. Throws FILE_CHANGED
   * where the file is not what was scanned.
   */
  groups(scan: Scan, options: ReadOptions, each: EachGroup): Promise<void>;
};

/** The columns that rows keep, in order. */
export function keptColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ type }) => type === 'number' || type === 'category');
}

export const changed = (file: string) =>
  new AssentError('FILE_CHANGED', `${file} changed while it was being imported; import it again.`, { file });

export function refuseCancelled(file: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AssentError('CANCELED', `The import of ${file} was cancelled.`);
}
