// Rows gathered into groups of the size in which they are kept, in one buffer that is zeroed after every group.
import type { Column } from './columns.ts';
import { keptColumns, type EachGroup } from './reading.ts';

const GROUP_ROWS = 8192;
const GROUP_VALUES = 2 ** 22;

/** Rows a group: 8,192, fewer where a row is so wide that a group would pass 16 MiB. */
const rowsAGroup = (width: number): number =>
  Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / Math.max(1, width))));

/** A row is written to `values[start()..start() + width)`, then `added()`; full groups go to `each`, the rest with `flush()`. */
export function groupBuffer(columns: readonly Column[], each: EachGroup) {
  const width = keptColumns(columns).length;
  const most = rowsAGroup(width);
  const values = new Float32Array(most * width);
  let rows = 0;
  const flush = () => {
    const filled = values.subarray(0, rows * width);
    if (rows > 0) each(filled, rows);
    filled.fill(0);
    rows = 0;
  };
  return {
    width,
    values,
    start: () => rows * width,
    added(): void {
      rows += 1;
      if (rows === most) flush();
    },
    flush,
    erase: () => void values.fill(0),
  };
}
